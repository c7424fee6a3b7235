extension EventLoop {
    /// Waits until there is something to read from a descriptor (a pidfd, a pipe) or its other end is closed.
    ///
    /// Nobody else may watch the descriptor meanwhile, and it must stay open.
    /// - Throws: `SystemError` if it cannot be watched, `CancellationError`.
    public func waitReadable(_ descriptor: Int32) async throws {
        let wait = OneWait()
        // Told once: the waiting task may need a while to come back to the loop and stop watching.
        try add(descriptor, [.readable, .edgeTriggered], handler: wait)
        defer { remove(descriptor) }
        try await wait.finish(on: self)
    }

    /// Waits for a time without leaving the loop.
    /// - Throws: `CancellationError`.
    public func sleep(for duration: Duration) async throws {
        let wait = OneWait()
        let timer = schedule(after: duration, wait)
        defer { cancel(timer) }
        try await wait.finish(on: self)
    }
}

/// A task's wait for one event, ended early by the task's cancellation.
private final class OneWait: DescriptorHandler, TimerHandler {
    private let signal = LoopSignal()
    private var isOver = false

    func ready(_ events: ReadyEvents, on loop: isolated EventLoop) { end() }

    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) { end() }

    private func end() {
        isOver = true
        signal.fire()
    }

    func finish(on loop: isolated EventLoop) async throws {
        let reference = LoopReference(self, on: loop)
        defer { reference.release(on: loop) }
        await withTaskCancellationHandler {
            if !isOver { await signal.wait(on: loop) }
        } onCancel: {
            reference.perform { wait, _ in wait.end() }
        }
        try Task.checkCancellation()
    }
}
