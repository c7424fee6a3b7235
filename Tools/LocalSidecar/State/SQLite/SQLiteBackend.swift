import Domain

/// `state.sqlite` in the table layout of daprd's component, so that either can open the other's file.
///
/// Conditions that fail are worded as `state.postgresql` words them, which is what the services meet in production.
struct SQLiteBackend: StateBackend {
    let capabilities = ["ETAG", "TRANSACTIONAL", "TTL", "DELETE_WITH_PREFIX", "KEYS_LIKE", "ACTOR"]

    private let database: SQLiteDatabase
    private let now: @Sendable () -> Timestamp
    private let statements: Statements

    /// Creates the tables if they are not there.
    /// - Parameters: table names, which must be plain identifiers: they become part of statements.
    init(
        database: SQLiteDatabase, table: String, metadataTable: String, now: @escaping @Sendable () -> Timestamp
    ) async throws(StateFailure) {
        self.database = database
        self.now = now
        statements = Statements(table: table)
        let schema = Self.schema(table: table, metadataTable: metadataTable)
        try await database.write { connection in
            for statement in schema { try connection.execute(statement) }
        }
    }

    func get(_ keys: [String]) async throws(StateFailure) -> [String: StoredValue] {
        let time = SQLiteTime.text(now())
        let sql = statements.get
        return try await database.read { connection throws(SQLiteError) in
            let statement = try connection.prepared(sql)
            defer { statement.reset() }
            var found: [String: StoredValue] = [:]
            for key in keys {
                try statement.bind([key, time])
                if try statement.step(), let value = statement.bytes(0), let etag = statement.text(1) {
                    found[key] = StoredValue(
                        value: value, etag: etag, expiry: statement.text(2).flatMap(SQLiteTime.read))
                }
                statement.reset()
            }
            return found
        }
    }

    func transact(_ writes: [StateWrite]) async throws(StateFailure) {
        let time = now()
        let statements = statements
        try await database.write { connection in
            for write in writes { try statements.apply(write, at: time, on: connection) }
        }
    }

    func removeExpired() async throws(StateFailure) {
        let time = SQLiteTime.text(now())
        let sql = statements.removeExpired
        try await database.write { connection in
            let statement = try connection.prepared(sql)
            defer { statement.reset() }
            try statement.bind([time])
            _ = try statement.step()
        }
    }

    private static func schema(table: String, metadataTable: String) -> [String] {
        [
            """
            CREATE TABLE IF NOT EXISTS \(metadataTable) (key text NOT NULL PRIMARY KEY, value text NOT NULL)
            """,
            """
            CREATE TABLE IF NOT EXISTS \(table) (
                key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, is_binary BOOLEAN NOT NULL, etag TEXT NOT NULL,
                expiration_time TIMESTAMP DEFAULT NULL, update_time TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
            )
            """,
            "INSERT INTO \(metadataTable) (key, value) VALUES ('migrations', '1') ON CONFLICT (key) DO NOTHING",
        ]
    }

    /// The texts of the statements, by which the connection keeps them prepared.
    private struct Statements: Sendable {
        let get: String
        let removeExpired: String
        private let upsert: String
        private let insert: String
        private let update: String
        private let delete: String
        private let deleteMatching: String

        init(table: String) {
            let isAlive = "(expiration_time IS NULL OR expiration_time > ?)"
            get = "SELECT value, etag, expiration_time FROM \(table) WHERE key = ? AND \(isAlive)"
            removeExpired = "DELETE FROM \(table) WHERE expiration_time IS NOT NULL AND expiration_time <= ?"
            let columns = "(value, etag, expiration_time, update_time, key, is_binary) VALUES (?, ?, ?, ?, ?, 0)"
            upsert = "INSERT OR REPLACE INTO \(table) \(columns)"
            insert = """
                INSERT INTO \(table) \(columns) ON CONFLICT (key) DO UPDATE SET
                    value = excluded.value, etag = excluded.etag, expiration_time = excluded.expiration_time,
                    update_time = excluded.update_time, is_binary = 0
                WHERE expiration_time IS NOT NULL AND expiration_time <= ?
                """
            update = """
                UPDATE \(table) SET value = ?, etag = ?, expiration_time = ?, update_time = ?, is_binary = 0
                WHERE key = ? AND etag = ? AND \(isAlive)
                """
            delete = "DELETE FROM \(table) WHERE key = ?"
            deleteMatching = "DELETE FROM \(table) WHERE key = ? AND etag = ? AND \(isAlive)"
        }

        func apply(_ write: StateWrite, at time: Timestamp, on connection: SQLiteConnection) throws {
            let now = SQLiteTime.text(time)
            guard !write.key.utf8.contains(0) else {
                // PostgreSQL's text cannot hold it.
                throw StateFailure.outage(
                    "ERROR: invalid byte sequence for encoding \"UTF8\": 0x00 (SQLSTATE 22021)")
            }
            switch write {
            case .upsert(let key, let value, let condition, let timeToLiveSeconds):
                let expiry = timeToLiveSeconds.map { SQLiteTime.text(time + .seconds($0)) }
                let row = [String(decoding: value, as: UTF8.self), UUIDText.random(), expiry, now, key]
                switch condition {
                case .always: _ = try run(upsert, row, on: connection)
                case .insertOnly:
                    guard try run(insert, row + [now], on: connection) == 1 else { throw StateFailure.noItemUpdated }
                case .etag(let etag):
                    let expected = try UUIDText.parse(etag)
                    guard try run(update, row + [expected, now], on: connection) == 1 else {
                        throw StateFailure.etagMismatch(detail: nil)
                    }
                }
            case .delete(let key, nil): _ = try run(delete, [key], on: connection)
            case .delete(let key, let etag?):
                guard try run(deleteMatching, [key, try UUIDText.parse(etag), now], on: connection) == 1 else {
                    throw StateFailure.etagMismatch(detail: nil)
                }
            }
        }

        private func run(_ sql: String, _ values: [String?], on connection: SQLiteConnection) throws -> Int {
            let statement = try connection.prepared(sql)
            defer { statement.reset() }
            try statement.bind(values)
            while try statement.step() {}
            return connection.changes
        }
    }
}
