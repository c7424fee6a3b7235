/// What SQLite said when it did not do something.
struct SQLiteError: Error, Hashable, CustomStringConvertible {
    let code: Int32
    let message: String

    var description: String { "\(message) (\(code))" }
}
