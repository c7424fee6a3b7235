import Domain
import EventLoop
import FoundationEssentials

/// Makes the databases that components describe. The place to add another type of store.
///
/// Apps that share a component file share its database: one connection to a file, one memory for an in-memory store.
struct BackendFactory: ~Copyable {
    private let dataDirectory: String
    private let databaseThread: EventLoop
    private let now: @Sendable () -> Timestamp
    private var databases: [String: SQLiteDatabase] = [:]
    private var servers: [String: PostgreSQLDatabase] = [:]

    /// - Parameters:
    ///   - dataDirectory: where relative paths of databases begin; created when it is needed.
    ///   - databaseThread: a loop on which nothing else runs.
    init(dataDirectory: String, databaseThread: EventLoop, now: @escaping @Sendable () -> Timestamp) {
        self.dataDirectory = dataDirectory
        self.databaseThread = databaseThread
        self.now = now
    }

    /// Nil if the component is no state store.
    mutating func backend(for component: Component) async throws(ComponentFileError) -> (any StateBackend)? {
        switch component.type {
        case "state.in-memory": return MemoryBackend(now: now)
        case "state.sqlite": return try await sqlite(component)
        case "state.postgresql", "state.postgres": return try await postgreSQL(component)
        case let type where type.hasPrefix("state."):
            throw ComponentFileError(message: "component \(component.name): \(type) is not in the local sidecar")
        default: return nil
        }
    }

    private mutating func sqlite(_ component: Component) async throws(ComponentFileError) -> SQLiteBackend {
        guard let connection = component["connectionString"] ?? component["url"] else {
            throw ComponentFileError(message: "component \(component.name): connectionString is missing")
        }
        let table = component["tableName"] ?? "state"
        let metadataTable = component["metadataTableName"] ?? "metadata"
        for name in [table, metadataTable] where !name.isTableName {
            throw ComponentFileError(message: "component \(component.name): \"\(name)\" is no name for a table")
        }
        do {
            let path = try path(connection)
            let database = try databases[path] ?? SQLiteDatabase(path: path, thread: databaseThread)
            databases[path] = database
            return try await SQLiteBackend(
                database: database, table: table, metadataTable: metadataTable, now: now)
        } catch let failure as StateFailure {
            throw ComponentFileError(message: "component \(component.name): \(failure.message)")
        } catch {
            throw ComponentFileError(message: "component \(component.name): \(error)")
        }
    }

    private mutating func postgreSQL(_ component: Component) async throws(ComponentFileError) -> PostgreSQLBackend {
        do throws(ComponentFileError) {
            let settings = try PostgreSQLSettings(component)
            let key = "\(settings.maximumConnections) \(settings.timeout) \(settings.connectionString)"
            let database: PostgreSQLDatabase
            if let known = servers[key] {
                database = known
            } else {
                database = await PostgreSQLDatabase(
                    connectionString: settings.connectionString, maximumConnections: settings.maximumConnections,
                    timeout: settings.timeout, thread: databaseThread)
            }
            servers[key] = database
            do throws(StateFailure) {
                return try await PostgreSQLBackend(database: database, schema: settings.schema)
            } catch {
                throw ComponentFileError(message: error.message)
            }
        } catch {
            throw ComponentFileError(message: "component \(component.name): \(error.message)")
        }
    }

    private func path(_ connection: String) throws -> String {
        if connection.hasPrefix("file:") || connection.hasPrefix(":memory:") { return connection }
        let path = connection.hasPrefix("/") ? connection : "\(dataDirectory)/\(connection)"
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try FileManager.default.createDirectory(
                atPath: String(path[..<slash]), withIntermediateDirectories: true)
        }
        return path
    }
}

extension String {
    /// Fit to stand in a statement without quotes.
    var isTableName: Bool {
        guard let first = utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return utf8.count <= 63 && allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}
