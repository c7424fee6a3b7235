import Domain
import Lifecycle
import Observability
import Synchronization

/// Checks one shard after the other, mends what it finds and counts it.
///
/// Replicas do not divide the work between them: a repair that another has done already finds nothing to do. Each
/// begins somewhere else.
public final class ConsistencySweep: Sendable {
    /// Between two shards, so that all of them are checked about every half hour.
    public static let defaultInterval = Duration.seconds(30)

    private let check: any ConsistencyCheck
    private let shards: @Sendable () -> [Shard]
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let found: Counter
    private let logger: Logger
    /// Number of the shard that comes next.
    private let next: Mutex<Int>

    /// - Parameters:
    ///   - shards: those that this process may look after at the moment.
    ///   - firstShard: where it begins.
    public init(
        _ check: any ConsistencyCheck, shards: @escaping @Sendable () -> [Shard] = { Shard.all },
        firstShard: Int = .random(in: 0..<Shard.count), every interval: Duration = ConsistencySweep.defaultInterval,
        clock: any Clock<Duration> = ContinuousClock(), metrics: MetricsRegistry, logger: Logger
    ) {
        self.check = check
        self.shards = shards
        self.interval = interval
        self.clock = clock
        self.logger = logger
        found = metrics.counter(
            "slipway_index_orphans_total", "Records that the sweep found to disagree with others.", labels: ["kind"])
        next = Mutex(firstShard)
    }

    /// The sweep as long as the process lives.
    public var task: PeriodicTask {
        PeriodicTask("consistency sweep", every: interval, clock: clock) { await self.sweepNextShard() }
    }

    /// One shard: the next of those that it may look after.
    public func sweepNextShard() async {
        let candidates = shards()
        let shard = next.withLock { next in
            let shard = candidates.first { $0.number >= next } ?? candidates.first
            if let shard { next = (shard.number + 1) % Shard.count }
            return shard
        }
        guard let shard else { return }
        do throws(ServiceError) {
            let report = try await check.check(shard, repairing: true)
            for finding in report.findings { tell(finding) }
        } catch {
            // The next round comes to it again; a store that is away is told of by readiness already.
            logger.debug("a shard could not be checked", ["shard": shard.description, "error": "\(error)"])
        }
    }

    private func tell(_ finding: ConsistencyFinding) {
        found.increment([finding.kind])
        logger.warning(
            "records disagree",
            [
                "kind": finding.kind, "subject": finding.subject, "detail": finding.message,
                "repaired": "\(finding.isRepaired)",
            ])
    }
}
