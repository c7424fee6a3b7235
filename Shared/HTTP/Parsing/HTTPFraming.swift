/// How the end of a body is known.
public enum HTTPFraming: Hashable, Sendable {
    case none
    /// Exactly so many bytes; more than zero.
    case length(Int)
    case chunked
    /// All that comes until the peer closes. Responses only.
    case untilClose
}
