import Domain
import HTTP
import Lifecycle
import ModelServingCore
import Observability

/// Looks every half minute for capacity and engines that nobody is going to give back, and gives them back.
///
/// A replica looks after the shards that it holds. What is found twice in a row is mended, so that the interval is also
/// the grace that work under way has.
actor HoldingsSweep {
    private let check: HoldingsCheck
    private let shards: @Sendable () -> [Shard]
    private let found: Counter
    private let logger: Logger
    private var suspects: Set<Holding> = []

    init(_ check: HoldingsCheck, shards: @escaping @Sendable () -> [Shard], metrics: MetricsRegistry, logger: Logger) {
        self.check = check
        self.shards = shards
        self.logger = logger
        found = metrics.counter(
            "slipway_holding_orphans_total", "Claims and engines that the sweep found to belong to nobody.",
            labels: ["kind"])
    }

    nonisolated func task(every interval: Duration) -> PeriodicTask {
        PeriodicTask("holdings sweep", every: interval) { await self.sweep() }
    }

    func sweep() async {
        do throws(ServiceError) {
            let look = try await check.look(in: Set(shards()))
            for holding in look.intersection(suspects) { try await mend(holding) }
            suspects = look.subtracting(suspects)
        } catch {
            // A neighbour or the store is away, which readiness tells of. The next look comes soon.
            logger.debug("holdings could not be compared", ["error": error.problem.detail])
        }
    }

    private func mend(_ holding: Holding) async throws(ServiceError) {
        let isMended = try await check.mend(holding)
        let finding = holding.finding
        found.increment([finding.kind])
        logger.warning(
            "something is held by nobody",
            ["kind": finding.kind, "subject": finding.subject, "detail": finding.message, "repaired": "\(isMended)"])
    }
}
