import Domain
import ModelServingCore

/// All that must agree around model services: their records, and what is held for them elsewhere.
struct ServingConsistency: ConsistencyCheck {
    /// Between the two looks at what is held.
    static let pause: Duration = .seconds(1)

    let records: ServiceRecordsCheck
    let holdings: HoldingsCheck

    func check(
        _ shard: Shard, repairing: Bool, pause: () async -> Void
    ) async throws(ServiceError) -> ConsistencyReport {
        try await records.check(shard, repairing: repairing, pause: pause)
    }

    func check(repairing: Bool) async throws(ServiceError) -> ConsistencyReport {
        var report = try await checkEveryShard(repairing: repairing)
        let all = Set(Shard.all)
        var suspects = try await holdings.look(in: all)
        if !suspects.isEmpty {
            try? await Task.sleep(for: Self.pause)
            suspects.formIntersection(try await holdings.look(in: all))
        }
        for holding in suspects.sorted(by: { $0.finding.subject < $1.finding.subject }) {
            let isMended = repairing ? try await holdings.mend(holding) : false
            report.add(isMended ? holding.finding.repaired : holding.finding)
        }
        return report
    }
}
