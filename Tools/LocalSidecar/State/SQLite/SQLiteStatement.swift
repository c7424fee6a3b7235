import CSQLite

/// A prepared statement of one connection.
@safe
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let database: OpaquePointer

    init(_ sql: String, _ database: OpaquePointer) throws(SQLiteError) {
        unsafe self.database = database
        var prepared: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let handle = unsafe prepared else {
            throw unsafe SQLiteError(code: code, message: String(cString: sqlite3_errmsg(database)))
        }
        unsafe self.handle = handle
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Sets the parameters from the first on; nil is NULL.
    func bind(_ values: [String?]) throws(SQLiteError) {
        for (index, value) in values.enumerated() {
            var code = SQLITE_OK
            if let value {
                code = unsafe sqlite3_bind_copied_text(handle, Int32(index + 1), value, Int32(value.utf8.count))
            } else {
                code = unsafe sqlite3_bind_null(handle, Int32(index + 1))
            }
            guard code == SQLITE_OK else { throw error(code) }
        }
    }

    /// Goes on to the next row; false if there is none.
    func step() throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw error(code)
        }
    }

    /// The column's text, as bytes; nil for NULL.
    func bytes(_ column: Int32) -> [UInt8]? {
        guard let start = unsafe sqlite3_column_text(handle, column) else { return nil }
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeBufferPointer(start: start, count: count))
    }

    func text(_ column: Int32) -> String? { bytes(column).map { String(decoding: $0, as: UTF8.self) } }

    /// Makes it ready to run again.
    func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    private func error(_ code: Int32) -> SQLiteError {
        unsafe SQLiteError(code: code, message: String(cString: sqlite3_errmsg(database)))
    }
}
