import EventLoop

/// A request's place in the queue for a connection.
final class ConnectionWaiter: TimerHandler {
    enum Outcome {
        case connection(ClientConnection)
        case mayOpen
        case timedOut
        case cancelled
    }

    private(set) var outcome: Outcome?
    private let signal = LoopSignal()

    func end(_ outcome: Outcome) {
        guard self.outcome == nil else { return }
        self.outcome = outcome
        signal.fire()
    }

    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) { end(.timedOut) }

    func wait(until deadline: LoopInstant, on loop: isolated EventLoop) async -> Outcome? {
        let timer = loop.schedule(at: deadline, self)
        defer { loop.cancel(timer) }
        let reference = LoopReference(self, on: loop)
        defer { reference.release(on: loop) }
        await withTaskCancellationHandler {
            if outcome == nil { await signal.wait(on: loop) }
        } onCancel: {
            reference.perform { waiter, _ in waiter.end(.cancelled) }
        }
        return outcome
    }
}
