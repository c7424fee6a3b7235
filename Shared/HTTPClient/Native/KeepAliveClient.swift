import EventLoop
import HTTP

/// An HTTP/1.1 client for plain `http` that keeps connections open: a pool for each origin on each loop.
///
/// A task on a loop is served by that loop, without leaving it; any other task by a loop of the group.
public final class KeepAliveClient: HTTPTransport {
    private let group: EventLoopGroup
    private let limits: HTTPClientLimits
    private let pools = LoopLocal<OriginPools>()

    public init(group: EventLoopGroup, limits: HTTPClientLimits = .init()) {
        self.group = group
        self.limits = limits
    }

    deinit {
        for loop in group.loops {
            Task(executorPreference: loop.executor) { [pools] in
                await loop.run { loop in
                    pools.existing(on: loop)?.closeIdle(on: loop)
                    pools.release(on: loop)
                }
            }
        }
    }

    public func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        guard origin.scheme == .http else { throw .connectFailed("\(origin.scheme.rawValue) is not spoken here") }
        guard HTTPHeadWriter.isValid(request.method, request.target) else {
            request.body.cancel()
            throw .failed("the method or the target cannot be sent")
        }
        guard let loop = EventLoop.current else { return try await sendFromElsewhere(request, origin, deadlines) }
        return try await exchange(request, origin, deadlines, on: loop)
    }

    /// Begins an exchange on the caller's loop, over a connection that lies idle, without waiting for anything.
    ///
    /// - Parameter receiver: is given the response; it is kept until then.
    /// - Returns: what ends the exchange early; nil if there is no such connection, or the request cannot be sent:
    ///   nothing has happened then, and `send` would open a connection, or tell why not.
    public func begin(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines, _ receiver: any ResponseReceiver,
        on loop: isolated EventLoop
    ) -> ExchangeReference? {
        guard origin.scheme == .http, HTTPHeadWriter.isValid(request.method, request.target),
            let connection = pools(on: loop).pool(for: origin).takeIdle(for: request, on: loop)
        else { return nil }
        return connection.begin(request, deadlines, receiver, on: loop)
    }

    private func pools(on loop: isolated EventLoop) -> OriginPools {
        pools.object(on: loop) { OriginPools(limits: limits, resolver: group.resolver) }
    }

    /// Apart, so that requests from a loop do not carry its variables.
    private func sendFromElsewhere(
        _ request: HTTPRequest, _ origin: HTTPOrigin, _ deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        let loop = group.next()
        let result: Result<HTTPResponse, HTTPTransportError> = await withTaskExecutorPreference(loop.executor) {
            do throws(HTTPTransportError) {
                return .success(try await exchange(request, origin, deadlines, on: loop))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func exchange(
        _ request: HTTPRequest, _ origin: HTTPOrigin, _ deadlines: HTTPDeadlines, on loop: isolated EventLoop
    ) async throws(HTTPTransportError) -> HTTPResponse {
        let pool = pools(on: loop).pool(for: origin)
        do throws(HTTPTransportError) {
            // Without a suspension, if there is a connection.
            var connection: ClientConnection
            if let idle = pool.takeIdle(for: request, on: loop) {
                connection = idle
            } else {
                connection = try await pool.open(deadlines.connect, on: loop)
            }
            while true {
                let exchange = connection.start(request, deadlines, on: loop)
                await withTaskCancellationHandler {
                    while connection.awaitsHead { await connection.signal.wait(on: loop) }
                } onCancel: {
                    exchange.abort()
                }
                do throws(ExchangeFailure) {
                    return try connection.response(exchange, on: loop)
                } catch {
                    guard error.mayRepeat else { throw error.error }
                }
                // Once, because a new connection cannot have been closed for its age.
                connection = try await pool.open(deadlines.connect, on: loop)
            }
        } catch {
            request.body.cancel()
            throw error
        }
    }
}

extension HTTPBody {
    var isStream: Bool {
        if case .stream = self { true } else { false }
    }

    func cancel() {
        if case .stream(let stream, _) = self { stream.cancel() }
    }
}
