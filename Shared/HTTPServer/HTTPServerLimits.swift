import HTTP

/// What a server grants its clients. Every wait and every buffer of a connection is bounded by one of these.
public struct HTTPServerLimits: Hashable, Sendable {
    /// Request line and fields; beyond it 414 or 431.
    public var head = HTTPHeadLimits()
    /// The body as it streams; beyond it 413. Whoever collects a body sets a smaller limit of his own.
    public var body = HTTPBodyLimits()
    /// Open connections over all loops. An idle one makes room for one more; if there is none, that gets 503 and is
    /// closed.
    public var connections = 10_000
    /// From the first byte of a request (or from connecting) to the end of its head; beyond it 408.
    public var headTimeout = Duration.seconds(10)
    /// How long a connection may lie idle between requests.
    public var idleTimeout = Duration.seconds(60)
    /// How long a client may take next to nothing of what is sent to it.
    public var writeStall = Duration.seconds(30)
    /// What a client must take, while we have to wait for it, in each time as long as `writeStall`.
    public var responseBytesPerSecond = 256
    /// What a client must send of a body in each `bodyRateWindow` in which we wait for it.
    public var bodyBytesPerSecond = 256
    public var bodyRateWindow = Duration.seconds(10)
    /// What is read ahead of requests that a client sends behind the one being answered.
    public var pipelinedBytes = 16 * 1024
    /// What is read of a body before its reader asks for it.
    public var bufferedBodyBytes = 64 * 1024
    /// How much of a body that nobody read is thrown away to keep the connection.
    public var discardedBodyBytes = 256 * 1024
    /// How long a client may go on sending after its last answer before the connection is cut, so that it sees it.
    public var lingerTimeout = Duration.seconds(2)
    /// What is thrown away of that. It takes a client at least a round trip to see the answer and stop.
    public var lingeringBytes = 16 << 20

    public init() {}
}
