/// What the recorded components can be kept in, for exchanges of which the store is to make no difference.
enum RecordedStore: CaseIterable {
    case sqlite, memory, postgreSQL

    /// Those that are on this machine.
    static let available = allCases.filter { $0 != .postgreSQL || PostgreSQLTables.server != nil }

    func components() throws -> String {
        switch self {
        case .sqlite: RecordedComponents.text
        case .memory: RecordedComponents.textInMemory
        case .postgreSQL: RecordedComponents.text(on: try PostgreSQLTables())
        }
    }
}
