/// Why a received head or body is not HTTP/1.1 that this engine accepts.
///
/// There is one reading of every accepted message. What another implementation on the path might read differently is
/// refused, because that difference is what request smuggling lives on.
public struct HTTPParseError: Error, Hashable, Sendable {
    /// What a server answers. A client reports every refused response as a failed exchange.
    public let status: HTTPStatus
    /// Short, fit to be shown to the peer: it never quotes what the peer sent.
    public let reason: String
    /// Of the request that is refused, as it came; nil if it is not known.
    public var target: String?

    public init(_ status: HTTPStatus, _ reason: String, target: String? = nil) {
        self.status = status
        self.reason = reason
        self.target = target
    }

    static func malformed(_ reason: String) -> Self { Self(.badRequest, reason) }
}
