import CPostgreSQL
import EventLoop

/// One connection to a server, on one loop, used by one task at a time.
///
/// Statements go out together and their results are read together (libpq's pipeline mode), so that a transaction costs
/// two round trips whatever it holds. After an error that ends the connection, `isUsable` is false for good.
@safe
final class PostgreSQLConnection {
    private let handle: OpaquePointer
    private var hasFailed = false

    /// - Parameters:
    ///   - connectionString: libpq's key words and values, or a URL.
    ///   - statementTimeout: after it the server gives a statement up, so that nothing happens long after its caller
    ///     has stopped waiting.
    /// - Throws: why there is no connection at the deadline.
    static func open(
        _ connectionString: String, statementTimeout: Duration, until deadline: LoopInstant,
        on loop: isolated EventLoop
    ) async throws(PostgreSQLError) -> PostgreSQLConnection {
        guard let handle = unsafe PQconnectStart(connectionString) else { throw .connection("out of memory") }
        let connection = unsafe PostgreSQLConnection(handle)
        var next = PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            guard next != PGRES_POLLING_FAILED, unsafe PQstatus(handle) != CONNECTION_BAD else {
                throw .connection("failed to connect to the database: \(connection.lastMessage)")
            }
            try await connection.wait(
                for: next == PGRES_POLLING_READING ? .readable : .writable, until: deadline, on: loop)
            next = unsafe PQconnectPoll(handle)
        }
        unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard unsafe PQsetnonblocking(handle, 1) == 0, unsafe PQenterPipelineMode(handle) == 1 else {
            throw .connection(connection.lastMessage)
        }
        let milliseconds = max(1, statementTimeout / .milliseconds(1))
        let limit = PostgreSQLStatement("SET statement_timeout = \(Int64(milliseconds))")
        _ = try await connection.run(limit, until: deadline, on: loop)
        return connection
    }

    private init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe PQfinish(handle) }

    /// Whether it can be used again. Notices that the server has ended it meanwhile.
    var isUsable: Bool {
        if !hasFailed, unsafe PQconsumeInput(handle) != 1 || PQstatus(handle) == CONNECTION_BAD { hasFailed = true }
        return !hasFailed
    }

    /// Runs one statement, which is a transaction of its own.
    func run(
        _ statement: PostgreSQLStatement, until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(PostgreSQLError) -> PostgreSQLResult {
        try send(statement)
        try sendSync()
        try await flush(until: deadline, on: loop)
        let result = try await result(until: deadline, on: loop)
        try await finishSync(until: deadline, on: loop)
        return try result.get()
    }

    /// Runs statements in one transaction, which is kept if `accept` says so of each of their results, in order.
    /// - Returns: the index of the first that was not accepted, if any.
    /// - Throws: the first error of a statement, after which nothing is kept. An error that ends the connection while
    ///   it commits leaves open whether the transaction was kept.
    func transaction(
        _ statements: [PostgreSQLStatement], until deadline: LoopInstant, on loop: isolated EventLoop,
        accept: (_ index: Int, PostgreSQLResult) -> Bool
    ) async throws(PostgreSQLError) -> Int? {
        try send(PostgreSQLStatement("BEGIN"))
        for statement in statements { try send(statement) }
        guard unsafe PQsendFlushRequest(handle) == 1 else { throw failed() }
        try await flush(until: deadline, on: loop)
        var refused: Int?
        var failure: PostgreSQLError?
        for index in -1..<statements.count {
            switch try await result(until: deadline, on: loop) {
            case .success(let result):
                if index >= 0, refused == nil, !accept(index, result) { refused = index }
            case .failure(let error): failure = failure ?? error
            }
        }
        if failure != nil {
            // After an error the server skips everything up to the next sync.
            try sendSync()
            try await flush(until: deadline, on: loop)
            try await finishSync(until: deadline, on: loop)
        }
        let isKept = refused == nil && failure == nil
        _ = try await run(PostgreSQLStatement(isKept ? "COMMIT" : "ROLLBACK"), until: deadline, on: loop)
        if let failure { throw failure }
        return refused
    }

    // MARK: Sending

    private func send(_ statement: PostgreSQLStatement) throws(PostgreSQLError) {
        let parameters = statement.parameters.map { parameter -> (bytes: [UInt8], format: Int32) in
            switch parameter {
            // The text form ends with a NUL.
            case .text(let text): (Array(text.utf8) + [0], 0)
            case .bytes(let bytes): (bytes, 1)
            }
        }
        var all: [UInt8] = []
        var offsets: [Int] = []
        for parameter in parameters {
            offsets.append(all.count)
            all.append(contentsOf: parameter.bytes)
        }
        // An empty parameter needs an address too.
        all.append(0)
        let isSent = unsafe all.withUnsafeBytes { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = unsafe offsets.map { offset in unsafe start.map { unsafe $0 + offset } }
            return unsafe PQsendQueryParams(
                handle, statement.sql, Int32(parameters.count), nil, values, parameters.map { Int32($0.bytes.count) },
                parameters.map(\.format), 1)
        }
        guard isSent == 1 else { throw failed() }
    }

    private func sendSync() throws(PostgreSQLError) {
        guard unsafe PQpipelineSync(handle) == 1 else { throw failed() }
    }

    private func flush(until deadline: LoopInstant, on loop: isolated EventLoop) async throws(PostgreSQLError) {
        while true {
            switch unsafe PQflush(handle) {
            case 0: return
            case 1:
                // The server may have to be read before it takes more.
                try await wait(for: [.readable, .writable], until: deadline, on: loop)
                guard unsafe PQconsumeInput(handle) == 1 else { throw failed() }
            default: throw failed()
            }
        }
    }

    // MARK: Receiving

    /// The result of the next statement.
    /// - Throws: if the connection has failed. What the server says of the statement is returned.
    private func result(
        until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(PostgreSQLError) -> Result<PostgreSQLResult, PostgreSQLError> {
        var outcome: Result<PostgreSQLResult, PostgreSQLError>?
        while let next = try await nextResult(until: deadline, on: loop) { outcome = outcome ?? next }
        guard let outcome else { throw failed() }
        if case .failure(let error) = outcome, error.endsConnection {
            hasFailed = true
            throw error
        }
        return outcome
    }

    private func finishSync(until deadline: LoopInstant, on loop: isolated EventLoop) async throws(PostgreSQLError) {
        try await waitForResult(until: deadline, on: loop)
        guard let result = unsafe PQgetResult(handle) else { throw failed() }
        defer { unsafe PQclear(result) }
        guard unsafe PQresultStatus(result) == PGRES_PIPELINE_SYNC else { throw failed() }
    }

    /// Nil at the end of a statement's results.
    private func nextResult(
        until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(PostgreSQLError) -> Result<PostgreSQLResult, PostgreSQLError>? {
        try await waitForResult(until: deadline, on: loop)
        guard let result = unsafe PQgetResult(handle) else { return nil }
        defer { unsafe PQclear(result) }
        switch unsafe PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return unsafe .success(PostgreSQLResult(result))
        case PGRES_PIPELINE_ABORTED:
            return .failure(.server(severity: "ERROR", sqlState: "25P02", message: "an earlier statement failed"))
        default: return unsafe .failure(PostgreSQLError(result))
        }
    }

    private func waitForResult(until deadline: LoopInstant, on loop: isolated EventLoop) async throws(PostgreSQLError) {
        while unsafe PQisBusy(handle) == 1 {
            try await wait(for: .readable, until: deadline, on: loop)
            guard unsafe PQconsumeInput(handle) == 1 else { throw failed() }
        }
    }

    // MARK: Failing

    private func wait(
        for events: ReadyEvents, until deadline: LoopInstant, on loop: isolated EventLoop
    ) async throws(PostgreSQLError) {
        do throws(SystemError) {
            let socket = unsafe PQsocket(handle)
            if try await SocketWait.ready(socket, for: events, until: deadline, on: loop) { return }
        } catch {
            hasFailed = true
            throw .connection("\(error)")
        }
        hasFailed = true
        throw .deadline("timeout")
    }

    private func failed() -> PostgreSQLError {
        hasFailed = true
        return .connection(lastMessage)
    }

    /// libpq's own words, on one line.
    private var lastMessage: String {
        let text = unsafe PQerrorMessage(handle).map { unsafe String(cString: $0) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "the connection has failed"
        return line.trimming { $0 == " " }
    }
}

extension String {
    fileprivate func trimming(_ isBlank: (Character) -> Bool) -> String {
        guard let first = firstIndex(where: { !isBlank($0) }), let last = lastIndex(where: { !isBlank($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}

extension PostgreSQLResult {
    fileprivate init(_ result: OpaquePointer) {
        let columns = unsafe PQnfields(result)
        rows = unsafe (0..<PQntuples(result)).map { row in
            (0..<columns).map { column -> [UInt8]? in
                guard unsafe PQgetisnull(result, row, column) == 0, let start = unsafe PQgetvalue(result, row, column)
                else { return nil }
                let count = unsafe Int(PQgetlength(result, row, column))
                return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
            }
        }
        rowCount = unsafe PQcmdTuples(result).flatMap { unsafe Int(String(cString: $0)) } ?? 0
    }
}

extension PostgreSQLError {
    fileprivate init(_ result: OpaquePointer) {
        func field(_ code: Int32) -> String? {
            unsafe PQresultErrorField(result, code).map { unsafe String(cString: $0) }
        }
        guard let state = field(slipway_pg_sqlstate) else {
            let message = unsafe PQresultErrorMessage(result).map { unsafe String(cString: $0) } ?? ""
            self = .connection(message.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no answer")
            return
        }
        self = .server(
            severity: field(slipway_pg_severity) ?? "ERROR", sqlState: state, message: field(slipway_pg_message) ?? "")
    }
}
