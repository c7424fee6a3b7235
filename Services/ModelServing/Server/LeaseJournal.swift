import Domain
import HTTP
import ModelServingCore
import Observability

/// Tells of the shards that this replica takes and loses: a log line for each change, and metrics.
struct LeaseJournal: Sendable {
    private let logger: Logger
    private let held: Gauge
    private let takeovers: Counter
    private let losses: Counter

    init(_ replica: Replica, logger: Logger, metrics: MetricsRegistry) {
        self.logger = logger.with(["replica": replica.id.description])
        held = metrics.gauge("slipway_leases_held", "Shards whose services this replica looks after.")
        takeovers = metrics.counter(
            "slipway_lease_takeovers_total", "Leases taken that their former holder had not released.")
        losses = metrics.counter(
            "slipway_lease_losses_total", "Leases that were not renewed in time, or that another replica took.")
        held.set(0)
        takeovers.increment(by: 0)
        losses.increment(by: 0)
    }

    func note(_ news: LeaseNews) {
        switch news {
        case .failed(let error):
            logger.warning("the leases could not be looked at", ["error": error.problem.detail])
        case .changed(let change):
            held.set(Double(change.held))
            takeovers.increment(by: Double(change.takenOver.count))
            losses.increment(by: Double(change.lost.count))
            let fields: KeyValuePairs<String, String> = [
                "held": "\(change.held)", "taken": Self.text(change.taken), "taken_over": Self.text(change.takenOver),
                "given_away": Self.text(change.givenAway), "lost": Self.text(change.lost),
                "replicas": change.members.sorted().map(\.description).joined(separator: ","),
            ]
            if change.lost.isEmpty {
                logger.info("the shards of this replica changed", fields)
            } else {
                logger.warning("the shards of this replica changed", fields)
            }
        }
    }

    /// Numbers, runs of them as `3-7`.
    static func text(_ shards: Set<Shard>) -> String {
        var runs: [ClosedRange<Int>] = []
        for number in shards.map(\.number).sorted() {
            if let last = runs.last, last.upperBound + 1 == number {
                runs[runs.count - 1] = last.lowerBound...number
            } else {
                runs.append(number...number)
            }
        }
        return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
