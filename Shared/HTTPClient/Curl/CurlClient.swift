import EventLoop
import HTTP

/// The transport for TLS: libcurl's multi interface, on the same event loops as everything else.
///
/// Speaks HTTP/1.1, verifies certificates and host names, follows no redirects and takes proxies from the environment
/// as the `curl` command does. Costs more than twice the CPU of `KeepAliveClient`, so the inference path over plain
/// `http` does not come here.
public final class CurlClient: HTTPTransport {
    private let group: EventLoopGroup
    private let options: CurlOptions
    private let multis = LoopLocal<CurlMulti>()

    public init(group: EventLoopGroup, options: CurlOptions = CurlOptions()) {
        self.group = group
        self.options = options
    }

    /// Called from a task on a loop it stays there, else it takes the group's next loop.
    public func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        try await send(request, to: origin, deadlines: deadlines, options: options)
    }

    /// As `send(_:to:deadlines:)`, with options of its own: a connection that was made with others is not used.
    public func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines, options: CurlOptions
    ) async throws(HTTPTransportError) -> HTTPResponse {
        let loop = EventLoop.current ?? group.next()
        return try await loop.run { [multis] loop async throws(HTTPTransportError) in
            guard CurlMulti.isPossible else {
                request.body.cancel()
                throw .connectFailed("TLS needs libcurl.so.4, which is not installed")
            }
            let multi = multis.object(on: loop) { CurlMulti() }
            let exchange = try CurlExchange(
                request, origin: origin, deadlines: deadlines, options: options, multi: multi, on: loop)
            return try await exchange.response(on: loop)
        }
    }
}
