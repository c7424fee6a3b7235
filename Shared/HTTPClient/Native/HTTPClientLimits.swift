import HTTP

/// What the keep-alive client grants the servers it talks to, for each loop.
public struct HTTPClientLimits: Hashable, Sendable {
    public var head = HTTPHeadLimits(headBytes: 32 * 1024)
    public var body = HTTPBodyLimits()
    /// 1xx responses before the one that counts.
    public var interimResponses = 64
    /// Open connections to one origin; a request beyond it waits for one, as part of its connect deadline.
    public var connectionsPerOrigin = 512
    /// Requests that wait for a connection to one origin; one more fails at once.
    public var waitingPerOrigin = 4096
    /// Connections to one origin that are kept for the next request.
    public var idlePerOrigin = 256
    /// How long they are kept. Below what servers keep them for (llama.cpp closes after 5 s): whoever closes first
    /// decides whether a request can meet a connection that is just being closed.
    public var idleTimeout = Duration.seconds(4)
    /// How long a server may take nothing of a request, if it may not think about its answer for longer.
    public var writeStall = Duration.seconds(30)
    /// What is read of a body before its reader asks for it.
    public var bufferedBodyBytes = 64 * 1024

    public init() {}
}
