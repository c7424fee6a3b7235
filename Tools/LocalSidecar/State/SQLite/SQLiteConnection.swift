import CSQLite

/// One open database file with its prepared statements. Used by one thread at a time.
@safe
final class SQLiteConnection {
    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]

    /// Opens or creates the file, so that what is committed survives a crash of the process and of the machine.
    init(path: String) throws(SQLiteError) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI
        let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let opened = unsafe handle else {
            let message = unsafe handle.map { unsafe String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            unsafe sqlite3_close_v2(handle)
            throw SQLiteError(code: code, message: "\(path): \(message)")
        }
        unsafe self.handle = opened
        // Another process may hold the file for the time of a commit.
        unsafe sqlite3_busy_timeout(opened, 2000)
        try execute("PRAGMA journal_mode = WAL")
        try execute("PRAGMA synchronous = FULL")
    }

    deinit {
        statements = [:]
        unsafe sqlite3_close_v2(handle)
    }

    /// Runs a statement that takes nothing and whose rows do not matter.
    func execute(_ sql: String) throws(SQLiteError) {
        let statement = try prepared(sql)
        defer { statement.reset() }
        while try statement.step() {}
    }

    /// The statement for `sql`, prepared once. Reset it after use.
    func prepared(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let statement = statements[sql] { return statement }
        let statement = try unsafe SQLiteStatement(sql, handle)
        statements[sql] = statement
        return statement
    }

    /// Rows changed by the statement that ran last.
    var changes: Int { unsafe Int(sqlite3_changes(handle)) }
}
