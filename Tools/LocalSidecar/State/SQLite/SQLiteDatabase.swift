import EventLoop

/// One database file, with a thread of its own that waits for the disk.
///
/// Writes that arrive while another is being made durable are put into one commit: each has a savepoint of its own, so
/// that one whose condition fails does not touch the others. No write is acknowledged before its commit.
actor SQLiteDatabase {
    /// Writes that wait for a commit.
    static let maximumWaiting = 10_000

    typealias Work = @Sendable (SQLiteConnection) throws -> Void

    private struct Waiting {
        let work: Work
        let continuation: CheckedContinuation<Result<Void, StateFailure>, Never>
    }

    /// Runs nothing else, so that waiting for the disk on it delays nobody.
    private nonisolated let thread: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.executor.asUnownedSerialExecutor() }

    private let connection: SQLiteConnection
    private var waiting: [Waiting] = []

    init(path: String, thread: EventLoop) throws(SQLiteError) {
        self.thread = thread
        connection = try SQLiteConnection(path: path)
    }

    func read<Value: Sendable>(
        _ body: @Sendable (SQLiteConnection) throws(SQLiteError) -> Value
    ) throws(StateFailure) -> Value {
        do throws(SQLiteError) {
            return try body(connection)
        } catch {
            throw .outage(error.description)
        }
    }

    /// Runs `work` in a transaction. It throws a `StateFailure` to undo what it did, or what SQLite said.
    func write(_ work: @escaping Work) async throws(StateFailure) {
        guard waiting.count < Self.maximumWaiting else {
            throw .outage("\(waiting.count) writes wait for the disk already")
        }
        let result = await withCheckedContinuation { continuation in
            waiting.append(Waiting(work: work, continuation: continuation))
            if waiting.count == 1 { Task { commitWaiting() } }
        }
        try result.get()
    }

    private func commitWaiting() {
        let batch = waiting
        waiting = []
        var results: [Result<Void, StateFailure>] = []
        do throws(SQLiteError) {
            try connection.execute("BEGIN IMMEDIATE")
            for write in batch { results.append(try attempt(write.work)) }
            try connection.execute("COMMIT")
        } catch {
            // If there is no transaction to roll back, this fails, and nothing is lost by that.
            try? connection.execute("ROLLBACK")
            results = Array(repeating: .failure(.outage(error.description)), count: batch.count)
        }
        for (write, result) in zip(batch, results) { write.continuation.resume(returning: result) }
    }

    /// - Throws: if the whole commit has to be given up.
    private func attempt(_ work: Work) throws(SQLiteError) -> Result<Void, StateFailure> {
        try connection.execute("SAVEPOINT one")
        var result = Result<Void, StateFailure>.success(())
        do {
            try work(connection)
        } catch let failure as StateFailure {
            result = .failure(failure)
        } catch {
            result = .failure(.outage("\(error)"))
        }
        if case .failure = result { try connection.execute("ROLLBACK TO one") }
        try connection.execute("RELEASE one")
        return result
    }
}
