import Access
import Domain
import Persistence

/// The rules in a state store that all services share.
///
/// Every change also changes the version, in the same transaction and on the condition that nobody else did: so what
/// a change was decided on is what it changes, and whoever knows the version knows whether there is anything new.
public struct DaprAccessRuleStore: AccessRuleStore {
    private let records: RecordStore

    public init(_ records: RecordStore) { self.records = records }

    public func version() async throws(ServiceError) -> Int64 {
        try await records.read(AccessVersionRecord.key)?.record.version.value ?? 0
    }

    public func read() async throws(ServiceError) -> StoredRules { try await snapshot().rules }

    public func change(
        once key: IdempotencyKey?, _ decide: (StoredRules) throws(ServiceError) -> AccessRuleChange
    ) async throws(ServiceError) -> String {
        try await records.change(lanes: [AccessVersionRecord.key.description], once: key) {
            () async throws(ServiceError) -> Decision<String> in
            let snapshot = try await snapshot()
            let change = try decide(snapshot.rules)
            guard !change.isEmpty else { return .settled(change.answer) }
            return .commit(try snapshot.transaction(for: change), change.answer)
        }
    }

    /// The version is read first: if the rules are newer, a change decided on them fails on it, and who only reads
    /// finds another version the next time.
    private func snapshot() async throws(ServiceError) -> Snapshot {
        let version = try await records.read(AccessVersionRecord.key)
        let stored = try await records.read(Shard.all.map(AccessShardRecord.key))
        return try Snapshot(version: version, shards: stored)
    }
}

/// What one look at the store found.
private struct Snapshot {
    let rules: StoredRules
    private let version: Stored<AccessVersionRecord>?
    private let shards: [RecordKey<AccessShardRecord>: Stored<AccessShardRecord>]

    init(
        version: Stored<AccessVersionRecord>?, shards stored: [Stored<AccessShardRecord>]
    ) throws(ServiceError) {
        self.version = version
        shards = Dictionary(stored.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var rules: [AccessRule] = []
        for record in stored.flatMap(\.record.rules) { rules.append(try record.rule()) }
        self.rules = StoredRules(version: version?.record.version.value ?? 0, rules: rules)
    }

    func transaction(for change: AccessRuleChange) throws(ServiceError) -> StateTransaction {
        var transaction = StateTransaction()
        try transaction.write(
            AccessVersionRecord.key, over: version, AccessVersionRecord(version: StoredInteger(rules.version + 1)))
        let ids = change.added.map(\.id) + change.removed
        for shard in Set(ids.compactMap(UUIDv7.init).map(Shard.init(of:))) {
            let key = AccessShardRecord.key(shard)
            let kept = (shards[key]?.record.rules ?? []).filter { !change.removed.contains($0.id) }
            let added = change.added.filter { UUIDv7($0.id).map(Shard.init(of:)) == shard }
            try transaction.write(
                key, over: shards[key], AccessShardRecord(rules: kept + added.compactMap(AccessRuleRecord.init)))
        }
        return transaction
    }
}
