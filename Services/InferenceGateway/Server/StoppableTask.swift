import Synchronization

/// Runs one piece of work until it ends or is stopped: what a `BackgroundTask` that mostly waits is made of.
final class StoppableTask: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var isStopped = false
    }

    private let state = Mutex(State())

    /// Returns when `work` has. `stop()` and the cancellation of the caller cancel it.
    func run(_ work: @escaping @Sendable () async -> Void) async {
        let task = Task { await work() }
        let isStopped = state.withLock { state in
            state.task = task
            return state.isStopped
        }
        if isStopped { task.cancel() }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Idempotent, and has its effect also before `run`.
    func stop() {
        let task = state.withLock { state in
            state.isStopped = true
            return state.task
        }
        task?.cancel()
    }
}
