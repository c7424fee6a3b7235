/// A statement with its parameters, `$1` first.
struct PostgreSQLStatement: Hashable, Sendable {
    enum Parameter: Hashable, Sendable {
        case text(String)
        case bytes([UInt8])
    }

    let sql: String
    let parameters: [Parameter]

    init(_ sql: String, _ parameters: [Parameter] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// What a statement did.
struct PostgreSQLResult: Hashable, Sendable {
    /// Rows inserted, updated, deleted or selected.
    let rowCount: Int
    /// Columns in the binary form; nil for NULL.
    let rows: [[[UInt8]?]]
}
