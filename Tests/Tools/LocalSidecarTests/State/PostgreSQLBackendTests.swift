import EventLoop
import Testing
import TestSupport

@testable import LocalSidecar

@Suite(PostgreSQLTables.areThere, .timeLimit(.minutes(2))) struct PostgreSQLBackendTests {
    private static func database(
        _ connectionString: String, connections: Int = 4, timeout: Duration = .seconds(60)
    ) async -> PostgreSQLDatabase {
        await PostgreSQLDatabase(
            connectionString: connectionString, maximumConnections: connections, timeout: timeout,
            thread: EventLoopGroup(count: 1).next())
    }

    private static func backend(
        _ tables: PostgreSQLTables, connections: Int = 4, timeout: Duration = .seconds(60)
    ) async throws -> PostgreSQLBackend {
        try await PostgreSQLBackend(
            database: await database(tables.connectionString, connections: connections, timeout: timeout),
            schema: schema(tables))
    }

    private static func schema(_ tables: PostgreSQLTables) -> PostgreSQLSchema {
        PostgreSQLSchema(
            tablePrefix: String(tables.name("pg2").dropLast("state".count)), metadataTable: "dapr_metadata")
    }

    private static func upsert(_ key: String, _ value: String, _ condition: WriteCondition = .always) -> StateWrite {
        .upsert(key: key, value: Array(value.utf8), condition: condition, timeToLiveSeconds: nil)
    }

    private static func text(_ result: PostgreSQLResult) -> String? {
        result.rows.first?.first.flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func makesTheTableThatDaprdMakes() async throws {
        let tables = try PostgreSQLTables()
        _ = try await Self.backend(tables)
        let name = tables.name("pg2")
        let columns = try await tables.run(
            """
            SELECT string_agg(column_name||' '||data_type||(case when is_nullable='NO' then ' not null' else '' end)
                ||coalesce(' default '||column_default,''),', ' order by ordinal_position)
            FROM information_schema.columns WHERE table_name='\(name)'
            """)
        #expect(
            Self.text(columns) == """
                key text not null, value bytea not null, etag uuid not null default gen_random_uuid(), \
                created_at timestamp with time zone not null default now(), updated_at timestamp with time zone, \
                expires_at timestamp with time zone, row_id bigint not null
                """)
        let indexes = try await tables.run(
            "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = '\(name)'")
        #expect(Self.text(indexes) == "\(name)_expires_at_idx \(name)_pkey \(name)_row_id_uidx")
        let version = try await tables.run(
            "SELECT value FROM dapr_metadata WHERE key = 'migrations-state-v2-\(name.dropLast("state".count))'")
        #expect(Self.text(version) == "2")
    }

    @Test func goesOnFromTheTableOfAnEarlierVersion() async throws {
        let tables = try PostgreSQLTables()
        let name = tables.name("pg2")
        _ = try await Self.backend(tables)
        _ = try await tables.run("ALTER TABLE \(name) DROP COLUMN row_id")
        _ = try await tables.run("UPDATE dapr_metadata SET value = '1' WHERE key LIKE '%\(name.dropLast(5))'")
        _ = try await tables.run("INSERT INTO \(name) (key, value) VALUES ('old', '1')")
        let backend = try await Self.backend(tables)
        #expect(try await backend.get(["old"])["old"]?.value == Array("1".utf8))
        #expect(Self.text(try await tables.run("SELECT row_id::text FROM \(name)")) == "1")
    }

    @Test func isMadeOnceHoweverManyBegin() async throws {
        let tables = try PostgreSQLTables()
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { _ = try await Self.backend(tables, connections: 1) } }
            try await group.waitForAll()
        }
        try await Self.backend(tables).transact([Self.upsert("k", "1")])
    }

    @Test func carriesLargeValuesAndManyKeys() async throws {
        let backend = try await Self.backend(try PostgreSQLTables())
        let large = String(repeating: "é", count: 2_000_000)
        let keys = (0..<1000).map { "k \"\($0)\\" }
        try await backend.transact([Self.upsert("large", large)] + keys.map { Self.upsert($0, "1") })
        let found = try await backend.get(keys + ["large"])
        #expect(found.count == 1001)
        #expect(found["large"]?.value == Array(large.utf8))
    }

    @Test func servesManyCallersOverFewConnections() async throws {
        let backend = try await Self.backend(try PostgreSQLTables(), connections: 2)
        try await withThrowingTaskGroup { group in
            for index in 0..<200 {
                group.addTask { try await backend.transact([Self.upsert("k\(index)", "\(index)")]) }
            }
            try await group.waitForAll()
        }
        #expect(try await backend.get((0..<200).map { "k\($0)" }).count == 200)
    }

    @Test func givesUpAtTheTimeout() async throws {
        let tables = try PostgreSQLTables()
        let backend = try await Self.backend(tables, connections: 1, timeout: .seconds(5))
        try await backend.transact([Self.upsert("k", "1")])
        // Another session holds the row for longer than anyone waits.
        let other = await Self.database(tables.connectionString, connections: 1)
        try await other.withConnection { (connection, deadline, loop) async throws(PostgreSQLError) in
            for sql in ["BEGIN", "UPDATE \(tables.name("pg2")) SET value = '2'"] {
                _ = try await connection.run(PostgreSQLStatement(sql), until: deadline, on: loop)
            }
            let error = await #expect(throws: StateFailure.self) { try await backend.transact([Self.upsert("k", "3")]) }
            #expect(error?.message == "ERROR: canceling statement due to statement timeout (SQLSTATE 57014)")
            _ = try await connection.run(PostgreSQLStatement("ROLLBACK"), until: deadline, on: loop)
        }
        // What was given up does not happen later.
        #expect(try await backend.get(["k"])["k"]?.value == Array("1".utf8))
    }

    @Test func keepsWhatWasAcknowledgedWhenTheServerIsKilled() async throws {
        let server = try OwnPostgreSQL()
        let tables = try PostgreSQLTables(connectionString: server.connectionString)
        let backend = try await Self.backend(tables, timeout: .seconds(5))
        let acknowledged = try await withThrowingTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    var count = 0
                    // Until the server is gone.
                    while (try? await backend.transact([
                        Self.upsert("\(writer) \(count)", "1", .insertOnly), Self.upsert("\(writer) last", "\(count)"),
                    ])) != nil { count += 1 }
                    return (writer, count)
                }
            }
            while try await backend.get(["0 20"]).isEmpty {}
            try server.kill()
            return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
        }
        let error = await #expect(throws: StateFailure.self) { try await backend.get(["k"]) }
        #expect(error?.message.contains("Connection refused") == true)
        try server.start()
        for (writer, count) in acknowledged {
            let found = try await backend.get((0...count).map { "\(writer) \($0)" } + ["\(writer) last"])
            // The one in flight may have been kept, with all that belongs to it.
            #expect(found.count == count + 1 || found.count == count + 2)
            let last = found["\(writer) last"].map { String(decoding: $0.value, as: UTF8.self) }
            #expect(last == "\(found.count - 2)")
        }
    }
}
