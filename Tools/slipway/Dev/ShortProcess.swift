import Subprocess

/// A process that does one thing and ends.
struct ShortProcess: Sendable {
    /// Between SIGTERM and SIGKILL, when it takes too long.
    static let grace: Duration = .seconds(5)

    private let request: SpawnRequest
    private let marker: (name: String, value: String)

    /// - Parameter marker: added to its environment, so that what it starts is found and ended with it.
    init(_ request: SpawnRequest, marker: (name: String, value: String)) {
        var request = request
        request.environment[marker.name] = marker.value
        self.request = request
        self.marker = marker
    }

    /// How it ended. If the deadline passes, or the task is cancelled, it is ended with everything that it started.
    /// - Throws: `.timedOut`, or `.failed` if it cannot be started.
    func run(within deadline: Duration) async throws(CommandFailure) -> ProcessExit.Status {
        let command = request.arguments.first ?? ""
        let process: ProcessIdentity
        do throws(SpawnFailure) {
            process = try request.spawn()
        } catch {
            throw CommandFailure(.failed, "\(command) cannot be started: \(error).")
        }
        let status = await withTaskGroup(of: ProcessExit.Status?.self) { group in
            group.addTask { try? await ProcessExit.wait(for: process) }
            group.addTask {
                try? await Task.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next().flatMap(\.self)
        }
        if let status { return status }
        _ = await ProcessFamily(leader: process, marker: marker).end(grace: Self.grace)
        throw CommandFailure(.timedOut, "\(command) did not end within \(elapsedText(deadline)).")
    }
}
