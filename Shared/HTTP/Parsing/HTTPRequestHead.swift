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
    /// The client asks to go on with WebSocket frames (RFC 6455 §4.1). Only of a GET without a body; what else is asked
    /// for by `Upgrade` is passed over, h2c for one, by which requests could be smuggled.
    public let asksForWebSocket: Bool
    /// The client waits for `100 Continue` before it sends the body.
    public let expectsContinue: Bool
}
