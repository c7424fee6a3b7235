/// A response up to its body, as parsed.
public struct HTTPResponseHead: Sendable {
    public let status: HTTPStatus
    /// For HEAD and 304, where it frames nothing, Content-Length counts as an end-to-end field: it tells of the
    /// content that was not sent.
    public var fields: HTTPFields
    public let framing: HTTPFraming
    /// 0 or 1, of `HTTP/1.x`.
    public let minorVersion: Int
    /// The server allows another request on this connection.
    public let keepAlive: Bool

    /// The end of the body is the end of the connection.
    public var endsWithConnection: Bool { framing == .untilClose && status != .switchingProtocols }

    /// 1xx: another head follows. Not behind 101, which comes only to those who asked for it.
    public var isInterim: Bool { status.code < 200 && status != .switchingProtocols }
}
