import Domain

/// `state.postgresql` version 2, in the table layout of daprd's component, so that both can share a database.
///
/// Times are the database's. As with daprd, an ETag is a UUID that each write replaces, and an expired entry is there
/// until it is removed, but not seen.
struct PostgreSQLBackend: StateBackend {
    let capabilities = ["ETAG", "TRANSACTIONAL", "TTL", "KEYS_LIKE", "ACTOR"]

    private let database: PostgreSQLDatabase
    private let table: String

    /// Creates the tables if they are not there.
    init(database: PostgreSQLDatabase, schema: PostgreSQLSchema) async throws(StateFailure) {
        self.database = database
        table = schema.stateTable
        do throws(PostgreSQLError) {
            try await schema.create(in: database)
        } catch {
            throw .outage(error.description)
        }
    }

    func get(_ keys: [String]) async throws(StateFailure) -> [String: StoredValue] {
        guard !keys.isEmpty else { return [:] }
        let statement = PostgreSQLStatement(
            """
            SELECT key, value, etag::text, floor(extract(epoch FROM expires_at) * 1000)::bigint::text
            FROM \(table) WHERE key = ANY($1::text[]) AND (expires_at IS NULL OR expires_at >= now())
            """, [try Self.text(Self.array(keys))])
        let result: PostgreSQLResult
        do throws(PostgreSQLError) {
            result = try await database.run(statement)
        } catch {
            throw .outage(error.description)
        }
        var found: [String: StoredValue] = [:]
        for row in result.rows {
            guard let key = row[0], let value = row[1], let etag = row[2] else { continue }
            let expiry = row[3].flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
            found[String(decoding: key, as: UTF8.self)] = StoredValue(
                value: value, etag: String(decoding: etag, as: UTF8.self),
                expiry: expiry.map { Timestamp(millisecondsSinceEpoch: $0) })
        }
        return found
    }

    func transact(_ writes: [StateWrite]) async throws(StateFailure) {
        var statements: [PostgreSQLStatement] = []
        for write in writes { statements.append(try statement(write)) }
        let refused: Int?
        do throws(PostgreSQLError) {
            if statements.count == 1 {
                refused = try await database.run(statements[0]).rowCount == 1 || !writes[0].isConditional ? nil : 0
            } else {
                refused = try await database.transaction(statements) { index, result in
                    result.rowCount == 1 || !writes[index].isConditional
                }
            }
        } catch {
            throw .outage(error.description)
        }
        if let refused { throw writes[refused].refusal }
    }

    func removeExpired() async throws(StateFailure) {
        do throws(PostgreSQLError) {
            _ = try await database.run(
                PostgreSQLStatement("DELETE FROM \(table) WHERE expires_at IS NOT NULL AND expires_at < now()"))
        } catch {
            throw .outage(error.description)
        }
    }

    // MARK: Statements

    private func statement(_ write: StateWrite) throws(StateFailure) -> PostgreSQLStatement {
        switch write {
        case .upsert(let key, let value, let condition, let timeToLiveSeconds):
            let expiry = timeToLiveSeconds.map { "now() + interval '\($0) seconds'" } ?? "NULL"
            let row: [PostgreSQLStatement.Parameter] = [try Self.text(key), .bytes(value)]
            if case .etag(let etag) = condition {
                return PostgreSQLStatement(
                    """
                    UPDATE \(table) SET value = $2, updated_at = now(), etag = gen_random_uuid(), expires_at = \(expiry)
                    WHERE key = $1 AND etag = $3 AND (expires_at IS NULL OR expires_at >= now())
                    """, row + [.text(try UUIDText.parse(etag))])
            }
            let isFree = "WHERE it.expires_at IS NOT NULL AND it.expires_at < now()"
            return PostgreSQLStatement(
                """
                INSERT INTO \(table) AS it (key, value, etag, expires_at) VALUES ($1, $2, gen_random_uuid(), \(expiry))
                ON CONFLICT (key) DO UPDATE SET
                    value = excluded.value, updated_at = now(), etag = excluded.etag, expires_at = excluded.expires_at
                \(condition == .insertOnly ? isFree : "")
                """, row)
        case .delete(let key, nil):
            return PostgreSQLStatement("DELETE FROM \(table) WHERE key = $1", [try Self.text(key)])
        case .delete(let key, let etag?):
            return PostgreSQLStatement(
                "DELETE FROM \(table) WHERE key = $1 AND etag = $2",
                [try Self.text(key), .text(try UUIDText.parse(etag))])
        }
    }

    private static func text(_ key: String) throws(StateFailure) -> PostgreSQLStatement.Parameter {
        guard !key.utf8.contains(0) else {
            throw .outage("ERROR: invalid byte sequence for encoding \"UTF8\": 0x00 (SQLSTATE 22021)")
        }
        return .text(key)
    }

    /// An array in the form in which PostgreSQL reads it.
    private static func array(_ elements: [String]) -> String {
        let quoted = elements.map { element in
            let escaped = element.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
            return "\"\(String(escaped))\""
        }
        return "{\(quoted.joined(separator: ","))}"
    }
}

extension StateWrite {
    fileprivate var isConditional: Bool {
        switch self {
        case .upsert(_, _, let condition, _): condition != .always
        case .delete(_, let etag): etag != nil
        }
    }

    /// Why its condition was not met.
    fileprivate var refusal: StateFailure {
        if case .upsert(_, _, .insertOnly, _) = self { return .noItemUpdated }
        return .etagMismatch(detail: nil)
    }
}
