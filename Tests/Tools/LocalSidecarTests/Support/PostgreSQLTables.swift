import EventLoop
import Foundation
import Testing

@testable import LocalSidecar

/// Tables of a test's own, in the server that runs as long as the tests do.
struct PostgreSQLTables {
    static let server = ProcessInfo.processInfo.environment["SLIPWAY_TEST_POSTGRESQL"]
    static let areThere: ConditionTrait = .enabled(
        if: server != nil,
        "no PostgreSQL server: `make test` starts one, and says where it is in SLIPWAY_TEST_POSTGRESQL")

    private static let tables =
        ["pg1", "pg2"] + ["name", "none", "namespace"].flatMap { ["kp_\($0)_v1", "kp_\($0)_v2"] }

    let connectionString: String
    private let prefix = "t\(UInt32.random(in: 0...UInt32.max))_"

    init(connectionString: String? = Self.server) throws {
        self.connectionString = try #require(connectionString)
    }

    /// A component whose rows are in the table of this name.
    func component(_ name: String, table: String, keyPrefix: String = "appid", more: [String] = []) -> String {
        """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: \(name)}
        spec:
          type: state.postgresql
          version: v2
          metadata:
          - {name: connectionString, value: "\(connectionString)"}
          - {name: tablePrefix, value: \(prefix)\(table)_}
          - {name: keyPrefix, value: \(keyPrefix)}
          - {name: maxConns, value: 4}
        \(more.joined(separator: "\n"))
        """
    }

    func run(_ sql: String) async throws -> PostgreSQLResult {
        let group = EventLoopGroup(count: 1)
        let database = await PostgreSQLDatabase(
            connectionString: connectionString, maximumConnections: 1, timeout: .seconds(30), thread: group.next())
        return try await database.run(PostgreSQLStatement(sql))
    }

    func name(_ table: String) -> String { "\(prefix)\(table)_state" }

    /// Lets what has a time to live become older.
    func advance(by duration: Duration) async throws {
        for table in Self.tables {
            let name = name(table)
            guard try await run("SELECT to_regclass('\(name)')::text").rows.first?.first.flatMap({ $0 }) != nil else {
                continue
            }
            let interval = "interval '\(duration.components.seconds) seconds'"
            _ = try await run("UPDATE \(name) SET expires_at = expires_at - \(interval)")
        }
    }
}
