import Synchronization

/// The event loops of a process: one for a service, one per core for a gateway.
public final class EventLoopGroup: Sendable {
    public let loops: [EventLoop]
    public let resolver = NameResolver()
    private let turn = Atomic<Int>(0)
    private let running: Mutex<Running>

    private struct Running {
        var count: Int
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Starts the threads.
    /// - Precondition: `count` is 1 or more, and the process may start that many threads.
    public init(count: Int) {
        precondition(count > 0, "a group needs a loop")
        loops = (0..<count).map { _ in EventLoop() }
        running = Mutex(Running(count: count))
        for (index, loop) in loops.enumerated() {
            do throws(SystemError) {
                try LoopThread.start(loop, name: "loop-\(index)") { [self] in threadEnded() }
            } catch {
                preconditionFailure("a thread for an event loop cannot be started: \(error)")
            }
        }
    }

    /// The loops in turn.
    public func next() -> EventLoop {
        let index = turn.add(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: index) % UInt(loops.count))]
    }

    /// Ends the threads, once what is ready to run has run. Call it from outside, after everything on the loops has
    /// ended: a task that still waits there is never resumed. Idempotent.
    public func shutdown() async {
        resolver.shutdown()
        for loop in loops { await loop.stop() }
        await withCheckedContinuation { continuation in
            let hasEnded = running.withLock { running in
                if running.count > 0 { running.waiters.append(continuation) }
                return running.count == 0
            }
            if hasEnded { continuation.resume() }
        }
    }

    private func threadEnded() {
        let waiters = running.withLock { running -> [CheckedContinuation<Void, Never>] in
            running.count -= 1
            guard running.count == 0 else { return [] }
            defer { running.waiters = [] }
            return running.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
