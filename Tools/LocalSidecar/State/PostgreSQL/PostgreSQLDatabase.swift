import EventLoop

/// One database, reached over a pool of connections that live on a thread of their own.
struct PostgreSQLDatabase: Sendable {
    private let thread: EventLoop
    private let pool: LoopReference<PostgreSQLPool>
    /// For a whole operation: finding a connection, and everything that is sent over it.
    let timeout: Duration

    /// - Parameter maximumConnections: at least 1.
    init(connectionString: String, maximumConnections: Int, timeout: Duration, thread: EventLoop) async {
        self.thread = thread
        self.timeout = timeout
        pool = await thread.run { loop in
            LoopReference(
                PostgreSQLPool(
                    connectionString: connectionString, maximumConnections: maximumConnections,
                    // Before the caller gives up, so that it learns what came of it.
                    statementTimeout: timeout * 9 / 10), on: loop)
        }
    }

    /// Runs one statement, which is a transaction of its own.
    func run(_ statement: PostgreSQLStatement) async throws(PostgreSQLError) -> PostgreSQLResult {
        try await withConnection { (connection, deadline, loop) async throws(PostgreSQLError) in
            try await connection.run(statement, until: deadline, on: loop)
        }
    }

    /// Runs statements in one transaction, which is kept if `accept` says so of the result of each.
    /// - Returns: the index of the first that was not accepted, if any.
    func transaction(
        _ statements: [PostgreSQLStatement],
        accept: @escaping @Sendable (_ index: Int, PostgreSQLResult) -> Bool
    ) async throws(PostgreSQLError) -> Int? {
        try await withConnection { (connection, deadline, loop) async throws(PostgreSQLError) in
            try await connection.transaction(statements, until: deadline, on: loop, accept: accept)
        }
    }

    /// Runs `body` with a connection that nobody else uses meanwhile.
    func withConnection<Value: Sendable>(
        _ body:
            @escaping @Sendable (
                PostgreSQLConnection, _ deadline: LoopInstant, isolated EventLoop
            ) async throws(PostgreSQLError) -> Value
    ) async throws(PostgreSQLError) -> Value {
        try await thread.run { (loop) async throws(PostgreSQLError) -> Value in
            guard let pool = pool.object(on: loop) else { throw .connection("the database is closed") }
            let deadline = loop.now + LoopDuration(timeout)
            let connection = try await pool.take(until: deadline, on: loop)
            defer { pool.giveBack(connection) }
            return try await body(connection, deadline, loop)
        }
    }
}
