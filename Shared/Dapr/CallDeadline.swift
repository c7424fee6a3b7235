/// Bounds a whole call, however many waits it is made of, by cancelling it.
struct CallDeadline {
    let duration: Duration
    let clock: any Clock<Duration>
    /// What was called, for the error.
    let name: String

    /// Runs `operation` in a child task, which keeps to the caller's event loop. It is cancelled when the time is up,
    /// and must end at once then: nothing of it is left behind.
    func bound<Value: Sendable>(
        _ operation: @escaping @Sendable () async throws(DaprError) -> Value
    ) async throws(DaprError) -> Value {
        let result = await withTaskGroup(of: Result<Value, DaprError>?.self) { group in
            group.addTask {
                do throws(DaprError) {
                    return .success(try await operation())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask { [clock, duration] in
                // Throws only when it is cancelled, and then nobody looks at this child's result.
                try? await clock.sleep(for: duration)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let result { return try result.get() }
        throw .deadlineExceeded(
            Task.isCancelled ? "\(name) was given up by its caller" : "\(name) took longer than \(duration)")
    }
}
