/// A request method. Methods are case-sensitive; an unknown one is kept as it came.
public struct HTTPMethod: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let rawValue: String

    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }

    public static let get: Self = "GET"
    public static let head: Self = "HEAD"
    public static let post: Self = "POST"
    public static let put: Self = "PUT"
    public static let delete: Self = "DELETE"
    public static let patch: Self = "PATCH"
    public static let options: Self = "OPTIONS"
    public static let connect: Self = "CONNECT"
    public static let trace: Self = "TRACE"

    /// Repeating it has the effect of doing it once (RFC 9110 §9.2.2).
    public var isIdempotent: Bool {
        // First, because most requests are, and unlike texts are dearer to compare than like ones.
        if self == .post { return false }
        return switch self {
        case .get, .head, .put, .delete, .options, .trace: true
        default: false
        }
    }

    public var description: String { rawValue }
}
