import Domain
import ModelServingCore
import Persistence

/// Leases and members in the state store: a version is the record's ETag.
struct DaprLeaseStore: LeaseStore {
    private let records: RecordStore

    init(_ records: RecordStore) { self.records = records }

    func read() async throws(ServiceError) -> LeaseRecords {
        let keys = Shard.all.map { LeaseRecord.key($0).description } + [MembersRecord.key.description]
        let entries = try await records.entries(keys)
        var found = LeaseRecords()
        for shard in Shard.all {
            guard let stored = try entries[LeaseRecord.key(shard)] else { continue }
            found.leases[shard] = Versioned(stored.record.lease, version: stored.etag)
        }
        found.members = try entries[MembersRecord.key].map { Versioned($0.record.value, version: $0.etag) }
        return found
    }

    func write(_ writes: [LeaseWrite]) async throws(ServiceError) -> Bool {
        var transaction = StateTransaction()
        // Always in the same order: two replicas that lock rows in different ones would wait for each other.
        for write in writes.sorted(by: { $0.shard.number < $1.shard.number }) {
            try transaction.write(
                LeaseRecord.key(write.shard), LeaseRecord(write.lease), overVersion: write.version)
        }
        return try await records.commit(transaction)
    }

    func write(_ members: [ReplicaID: Member], over version: String?) async throws(ServiceError) -> Bool {
        var transaction = StateTransaction()
        try transaction.write(MembersRecord.key, MembersRecord(members), overVersion: version)
        return try await records.commit(transaction)
    }
}

extension StateTransaction {
    fileprivate mutating func write<Record>(
        _ key: RecordKey<Record>, _ record: Record, overVersion version: String?
    ) throws(ServiceError) {
        try write(key, over: version.map { Stored(key: key, record: record, etag: $0) }, record)
    }
}
