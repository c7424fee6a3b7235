import EventLoop

/// Waits for one descriptor on its loop, up to a deadline. Cancelling the task does not end the wait: what was begun
/// on a connection is finished, or the connection is of no use to the next.
final class SocketWait: DescriptorHandler, TimerHandler {
    private let signal = LoopSignal()
    private var isReady = false

    func ready(_ events: ReadyEvents, on loop: isolated EventLoop) {
        isReady = true
        signal.fire()
    }

    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) { signal.fire() }

    /// False if the deadline came first.
    static func ready(
        _ descriptor: Int32, for events: ReadyEvents, until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(SystemError) -> Bool {
        let wait = SocketWait()
        // Told once: the waiting task may need a while to come back to the loop and stop watching.
        try loop.add(descriptor, events.union(.edgeTriggered), handler: wait)
        let timer = loop.schedule(at: deadline, wait)
        await wait.signal.wait(on: loop)
        loop.cancel(timer)
        loop.remove(descriptor)
        return wait.isReady
    }
}
