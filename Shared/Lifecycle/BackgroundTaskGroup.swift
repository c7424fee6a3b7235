import Observability

/// Runs the tasks of a process, and ends them in reverse order on SIGTERM or SIGINT, or when one of them fails.
///
/// The order says who needs whom: a task may use those before it, so it ends before them.
public struct BackgroundTaskGroup: Sendable {
    /// How long one task may take to end, unless the caller says otherwise.
    public static let defaultShutDownDeadline: Duration = .seconds(25)

    private let tasks: [any BackgroundTask]
    private let shutDownDeadline: Duration
    private let logger: Logger

    public init(
        _ tasks: [any BackgroundTask], shutDownDeadline: Duration = defaultShutDownDeadline, logger: Logger
    ) {
        self.tasks = tasks
        self.shutDownDeadline = shutDownDeadline
        self.logger = logger
    }

    /// Returns the process's exit status: 0 after a signal, 1 if a task failed or ended by itself.
    public func run(until signals: TerminationSignals) async -> Int32 {
        let running = tasks.map { task in (task: task, handle: Task { try await task.run() }) }
        let status = await firstEnd(of: running.map { ($0.task.name, $0.handle) }, or: signals)
        for (task, handle) in running.reversed() {
            await end(task, handle)
        }
        return status
    }

    private func firstEnd(
        of running: [(name: String, handle: Task<Void, any Error>)], or signals: TerminationSignals
    ) async -> Int32 {
        await withTaskGroup(of: Int32?.self) { group in
            for (name, handle) in running {
                group.addTask {
                    do {
                        // The waiter is cancelled when another ends first; the task itself is not.
                        try await withEarlyReturn { try await handle.value }
                        if Task.isCancelled { return nil }
                        logger.error("a task ended by itself", ["task": name])
                    } catch is CancellationError {
                        return nil
                    } catch {
                        logger.error("a task failed", ["task": name, "error": "\(error)"])
                    }
                    return 1
                }
            }
            group.addTask {
                guard let name = await signals.first() else { return nil }
                logger.info("shutting down", ["signal": name])
                return 0
            }
            var status: Int32 = 1
            while let end = await group.next() {
                guard let end else { continue }
                status = end
                break
            }
            group.cancelAll()
            return status
        }
    }

    private func end(_ task: any BackgroundTask, _ handle: Task<Void, any Error>) async {
        let inTime = await finishes(within: shutDownDeadline) {
            await task.shutDown()
            _ = await handle.result
        }
        if !inTime {
            logger.warning("a task did not end in time", ["task": task.name, "deadline": "\(shutDownDeadline)"])
        }
        handle.cancel()
    }
}
