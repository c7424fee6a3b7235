import Domain
import Lifecycle
import Observability
import Synchronization

/// Checks one shard after the other, mends what it finds and counts it.
///
/// It reads no more than a page of records in each interval, however many there are: with more of them it does not cost
/// more, but takes longer to come round.
///
/// Replicas do not divide the work between them: a repair that another has done already finds nothing to do. Each
/// begins somewhere else.
public final class ConsistencySweep: Sendable {
    /// Between two shards, and between two pages of one: while no shard has more than a page, all of them are checked
    /// about every half hour.
    public static let defaultInterval = Duration.seconds(30)

    private let check: any ConsistencyCheck
    private let shards: @Sendable () -> [Shard]
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> ContinuousClock.Instant
    private let found: Counter
    private let pass: Gauge
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        /// Number of the shard that comes next.
        var next: Int
        /// Nil while the shards before the first are still to come.
        var passBegan: ContinuousClock.Instant?
    }

    /// - Parameters:
    ///   - shards: those that this process may look after at the moment.
    ///   - firstShard: where it begins.
    public init(
        _ check: any ConsistencyCheck, shards: @escaping @Sendable () -> [Shard] = { Shard.all },
        firstShard: Int = .random(in: 0..<Shard.count), every interval: Duration = ConsistencySweep.defaultInterval,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, metrics: MetricsRegistry, logger: Logger
    ) {
        self.check = check
        self.shards = shards
        self.interval = interval
        self.clock = clock
        self.now = now
        self.logger = logger
        found = metrics.counter(
            "slipway_index_orphans_total", "Records that the sweep found to disagree with others.", labels: ["kind"])
        pass = metrics.gauge(
            "slipway_consistency_pass_seconds",
            "How long the last look of the sweep at all records of this process's shards took.")
        state = Mutex(State(next: firstShard))
    }

    /// The sweep as long as the process lives.
    public var task: PeriodicTask {
        PeriodicTask("consistency sweep", every: interval, clock: clock) { await self.sweepNextShard() }
    }

    /// One shard: the next of those that it may look after. Rests for an interval after each page.
    public func sweepNextShard() async {
        guard let shard = nextShard() else { return }
        do throws(ServiceError) {
            let report = try await check.check(shard, repairing: true) { try? await clock.sleep(for: interval) }
            for finding in report.findings { tell(finding) }
        } catch {
            // The next round comes to it again; a store that is away is told of by readiness already.
            logger.debug("a shard could not be checked", ["shard": shard.description, "error": "\(error)"])
        }
    }

    private func nextShard() -> Shard? {
        let candidates = shards()
        let time = now()
        return state.withLock { state in
            var shard = candidates.first { $0.number >= state.next }
            if shard == nil {
                shard = candidates.first
                if let began = state.passBegan { pass.set(began.duration(to: time) / .seconds(1)) }
                state.passBegan = time
            }
            if let shard { state.next = shard.number + 1 }
            return shard
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
