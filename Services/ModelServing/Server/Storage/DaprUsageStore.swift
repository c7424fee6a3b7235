import Domain
import ModelServingCore
import Persistence

/// Usage in the state store: the counters of a batch and its number change in one transaction.
struct DaprUsageStore: UsageStore {
    let records: RecordStore

    init(_ records: RecordStore) { self.records = records }

    func apply(_ batch: UsageBatch) async throws(ServiceError) -> Bool {
        let source = UsageSourceRecord.key(batch.gateway)
        return try await records.change(lanes: [source.description]) {
            () async throws(ServiceError) -> Decision<Bool> in
            let stored = try await records.read(source)
            var record = stored?.record ?? UsageSourceRecord()
            guard record.note(UsageBatchNumber(incarnation: batch.incarnation, sequence: batch.sequence)) else {
                return .settled(false)
            }
            var transaction = StateTransaction()
            try transaction.write(source, over: stored, record)
            try await add(batch.counts, to: &transaction)
            return .commit(transaction, true)
        }
    }

    private func add(
        _ counts: [ModelServiceInstanceID: UsageCounts], to transaction: inout StateTransaction
    ) async throws(ServiceError) {
        let ids = counts.keys.sorted()
        let entries = try await records.entries(
            ids.map { UsageRecord.key($0).description } + ids.map { InstanceRecord.key($0).description })
        for id in ids {
            guard let added = counts[id] else { continue }
            if let usage = try entries[UsageRecord.key(id)] {
                try transaction.replace(usage, with: UsageRecord(usage.record.counts + added))
            } else if let instance = try entries[InstanceRecord.key(id)] {
                try transaction.insert(UsageRecord.key(id), UsageRecord(added))
                // Written as it is, so that whoever forgets the instance meanwhile loses, and takes the counts along.
                try transaction.replace(instance, with: instance.record)
            }
        }
    }

    func counts(
        of instances: [ModelServiceInstanceID]
    ) async throws(ServiceError) -> [ModelServiceInstanceID: UsageCounts] {
        let keys = instances.map(UsageRecord.key)
        let entries = try await records.entries(keys.map(\.description))
        var found: [ModelServiceInstanceID: UsageCounts] = [:]
        for id in instances { found[id] = try entries[UsageRecord.key(id)]?.record.counts }
        return found
    }
}
