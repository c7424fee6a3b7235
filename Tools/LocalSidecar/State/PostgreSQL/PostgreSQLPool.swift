import EventLoop

/// The connections to one database, on one loop. Those who find none free wait in line, up to their deadline.
final class PostgreSQLPool {
    /// Callers that wait for a connection.
    static let maximumWaiting = 10_000

    private final class Waiter: TimerHandler {
        let signal = LoopSignal()
        var connection: PostgreSQLConnection?
        /// It may open a connection, since one has gone.
        var mayOpen = false

        func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop) { signal.fire() }
    }

    private let connectionString: String
    private let maximumConnections: Int
    private let statementTimeout: Duration
    private var idle: [PostgreSQLConnection] = []
    private var count = 0
    private var waiting: [Waiter] = []

    init(connectionString: String, maximumConnections: Int, statementTimeout: Duration) {
        self.statementTimeout = statementTimeout
        self.connectionString = connectionString
        self.maximumConnections = maximumConnections
    }

    /// A connection that nobody else uses until it is given back.
    func take(
        until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(PostgreSQLError) -> PostgreSQLConnection {
        while let connection = idle.popLast() {
            if connection.isUsable { return connection }
            count -= 1
        }
        if count < maximumConnections {
            count += 1
            return try await open(until: deadline, on: loop)
        }
        guard waiting.count < Self.maximumWaiting else {
            throw .connection("\(waiting.count) calls wait for the database already")
        }
        let waiter = Waiter()
        waiting.append(waiter)
        let timer = loop.schedule(at: deadline, waiter)
        await waiter.signal.wait(on: loop)
        loop.cancel(timer)
        if let connection = waiter.connection { return connection }
        if waiter.mayOpen { return try await open(until: deadline, on: loop) }
        waiting.removeAll { $0 === waiter }
        throw .deadline("no connection to the database was free")
    }

    /// The place in `count` is taken already, and is free again if this fails.
    private func open(
        until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(PostgreSQLError) -> PostgreSQLConnection {
        do throws(PostgreSQLError) {
            return try await PostgreSQLConnection.open(
                connectionString, statementTimeout: statementTimeout, until: deadline, on: loop)
        } catch {
            giveUpPlace()
            throw error
        }
    }

    func giveBack(_ connection: PostgreSQLConnection) {
        guard connection.isUsable else { return giveUpPlace() }
        guard !waiting.isEmpty else { return idle.append(connection) }
        let waiter = waiting.removeFirst()
        waiter.connection = connection
        waiter.signal.fire()
    }

    private func giveUpPlace() {
        guard !waiting.isEmpty else {
            count -= 1
            return
        }
        let waiter = waiting.removeFirst()
        waiter.mayOpen = true
        waiter.signal.fire()
    }
}
