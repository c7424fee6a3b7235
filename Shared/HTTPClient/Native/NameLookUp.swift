import EventLoop
import HTTP

/// One look-up that is waited for no longer than a deadline. The system's resolver cannot be interrupted: it ends in
/// its own time, unheard.
final class NameLookUp: TimerHandler {
    private var result: Result<[SocketAddress], NameResolutionError>?
    private let signal = LoopSignal()
    private var isCancelled = false

    static func addresses(
        _ origin: HTTPOrigin, _ resolver: NameResolver, until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(HTTPTransportError) -> [SocketAddress] {
        if let known = resolver.immediate(origin.host, port: origin.port) { return known }
        return try await NameLookUp().run(origin, resolver, until: deadline, on: loop)
    }

    private func run(
        _ origin: HTTPOrigin, _ resolver: NameResolver, until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(HTTPTransportError) -> [SocketAddress] {
        let reference = LoopReference(self, on: loop)
        let timer = loop.schedule(at: deadline, self)
        defer {
            reference.release(on: loop)
            loop.cancel(timer)
        }
        Task(executorPreference: loop.executor) {
            let result: Result<[SocketAddress], NameResolutionError>
            do throws(NameResolutionError) {
                result = .success(try await resolver.resolve(origin.host, port: origin.port))
            } catch {
                result = .failure(error)
            }
            reference.perform { lookUp, _ in lookUp.end(result) }
        }
        await withTaskCancellationHandler {
            if result == nil { await signal.wait(on: loop) }
        } onCancel: {
            reference.perform { lookUp, _ in
                lookUp.isCancelled = true
                lookUp.end(.failure(NameResolutionError(reason: "cancelled")))
            }
        }
        if isCancelled { throw .cancelled }
        switch result {
        case .success(let addresses): return addresses
        case .failure(let error): throw .connectFailed("\(origin.host): \(error.reason)")
        case nil: throw .connectFailed("\(origin.host): the look-up took too long")
        }
    }

    private func end(_ result: Result<[SocketAddress], NameResolutionError>) {
        guard self.result == nil else { return }
        self.result = result
        signal.fire()
    }

    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) { signal.fire() }
}
