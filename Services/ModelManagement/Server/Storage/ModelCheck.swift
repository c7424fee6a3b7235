import Domain
import ModelManagementCore
import Persistence

/// Checks models, their names and index, and their aliases.
struct ModelCheck: ConsistencyCheck {
    private let records: RecordStore
    private let models: EntityCollection<ModelRecord>
    private let now: @Sendable () -> Timestamp

    init(_ records: RecordStore, now: @escaping @Sendable () -> Timestamp) {
        self.records = records
        self.now = now
        models = ModelRecord.collection(in: records)
    }

    func check(
        _ shard: Shard, repairing: Bool, pause: () async -> Void
    ) async throws(ServiceError) -> ConsistencyReport {
        var report = ConsistencyReport()
        var details = ConsistencyReport()
        try await models.check(shard, as: "models", repairing: repairing, into: &report, pause: pause) {
            page throws(ServiceError) in
            for stored in page {
                do throws(ServiceError) {
                    guard try !stored.record.model().danglingAliases.isEmpty else { continue }
                    details.add(try await settleAliases(of: stored.record.id, repairing: repairing))
                } catch {
                    details.add(try EntityFault.unreadable(stored.key.description, error))
                }
            }
        }
        report.merge(details)
        return report
    }

    /// An alias that leads nowhere answers 404 whatever is done: without it, it says so.
    private func settleAliases(
        of id: ModelID, repairing: Bool
    ) async throws(ServiceError) -> ConsistencyFinding? {
        try await records.mend(lanes: models.lanes(changing: id.uuid), repairing: repairing) {
            () async throws(ServiceError) -> Disagreement? in
            guard let stored = try await models.find(id.uuid) else { return nil }
            var model = try stored.record.model()
            let aliases = model.danglingAliases
            guard !aliases.isEmpty else { return nil }
            for alias in aliases { try model.remove(alias, at: now()) }
            var writes = StateTransaction()
            try writes.replace(stored, with: ModelRecord(model))
            let names = aliases.map(\.description).joined(separator: ", ")
            return .repairable(
                ConsistencyFinding(
                    kind: "alias_without_version", subject: stored.key.description,
                    message: "These aliases point to no version: \(names). They are removed."), by: writes)
        }
    }
}
