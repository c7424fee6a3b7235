import Configuration
import ControlPlane
import Domain
import FoundationEssentials
import HTTP
import ModelServingCore
import Observability

/// The loop, and the leases that say which services are its own.
struct Reconciliation {
    /// Longer leases would leave services alone for too long, and shorter ones cannot be renewed in time.
    static let leaseSeconds = 1...3600

    let loop: ReconciliationLoop
    let task: ReconciliationTask
    /// The shards that this replica holds. Whatever else acts on services by itself asks here first.
    let held: HeldShards

    init(
        _ ports: ServingPorts, _ parts: ControlPlaneParts, _ policy: ReconciliationPolicy, _ ambient: Ambient
    ) throws(Configuration.Failure) {
        let start = ContinuousClock.now
        let elapsed: @Sendable () -> Duration = { ContinuousClock.now - start }
        let held = HeldShards(elapsed: elapsed)
        let logger = parts.logger
        let loop = ReconciliationLoop(
            Reconciler(
                repository: ports.repository, catalog: ports.catalog, claims: ports.claims, runtimes: ports.runtimes,
                policy: policy, ambient: ambient,
                drains: DaprGatewayBook(records: parts.records, now: ambient.now),
                holds: { held.contains(Shard(of: $0.uuid)) }),
            surround: Self.trace
        ) { error, service in
            logger.warning(
                "a service could not be looked at",
                ["service_id": service?.description ?? "", "error": error.problem.detail])
        }
        let seconds = try parts.configuration.integer("SLIPWAY_LEASE_SECONDS", in: Self.leaseSeconds)
        let replica = Replica(
            id: try Self.replicaID(parts.configuration), incarnation: String(ambient.random(), radix: 16))
        let journal = LeaseJournal(replica, logger: logger, metrics: parts.metrics)
        let leases = LeaseKeeper(
            replica, times: LeaseTimes(duration: .seconds(seconds)), store: DaprLeaseStore(parts.records), held: held,
            elapsed: elapsed, now: parts.now, follow: { await loop.hold($0) },
            report: { journal.note($0) })
        self.loop = loop
        self.held = held
        task = ReconciliationTask(loop: loop, leases: leases)
    }

    /// All that is done for a service is one trace, whose id is the service's.
    private static func trace(_ service: ModelServiceID, _ look: () async -> Void) async {
        let trace = TraceContext(
            traceHigh: service.uuid.high, traceLow: service.uuid.low, span: .random(in: 1...UInt64.max),
            isSampled: true)
        await TraceContext.$current.withValue(trace) { await look() }
    }

    private static func replicaID(_ configuration: Configuration) throws(Configuration.Failure) -> ReplicaID {
        let name = configuration.optional("SLIPWAY_REPLICA_ID") ?? ProcessInfo.processInfo.hostName
        guard let id = ReplicaID(name) else {
            throw .invalid(
                "SLIPWAY_REPLICA_ID is \"\(name)\"; it must be 1 to \(ReplicaID.maximumLength) visible characters")
        }
        return id
    }
}
