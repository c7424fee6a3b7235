/// A request up to its body, as parsed.
public struct HTTPRequestHead: Sendable {
    public let method: HTTPMethod
    /// Origin-form, or `*`.
    public let target: String
    public let fields: HTTPFields
    public let framing: HTTPFraming
    /// 0 or 1, of `HTTP/1.x`.
    public let minorVersion: Int
    /// The client allows another request on this connection.
    public let keepAlive: Bool
    /// The client waits for `100 Continue` before it sends the body.
    public let expectsContinue: Bool
}
