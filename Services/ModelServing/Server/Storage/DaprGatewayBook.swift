import Contracts
import Domain
import ModelServingCore
import Persistence

/// Under `gateways`: the last report of each gateway.
struct GatewaysRecord: StateRecord {
    /// Gateways that are remembered; the ones that were silent for longest go first.
    static let maximumGateways = 64

    struct Gateway: Codable, Sendable {
        let id: String
        let reportedAt: Timestamp
        let versions: String
        let busyInstances: [ModelServiceInstanceID]

        private enum CodingKeys: String, CodingKey {
            case id, versions
            case reportedAt = "reported_at"
            case busyInstances = "busy_instances"
        }
    }

    /// The last one to report is the last.
    private(set) var gateways: [Gateway] = []

    init() {}

    static let key = RecordKey<Self>("gateways")

    mutating func note(_ report: GatewayReport, at now: Timestamp) {
        gateways.removeAll { $0.id == report.gatewayID }
        gateways.append(
            Gateway(
                id: report.gatewayID, reportedAt: now, versions: report.versions, busyInstances: report.busyInstances))
        gateways.removeFirst(max(0, gateways.count - Self.maximumGateways))
    }
}

/// What gateways report, shared by all replicas through the state store.
struct DaprGatewayBook: DrainWatch {
    /// A gateway that was silent for so long is gone, or cut off: nobody waits for it. They report every three seconds.
    static let silence: Duration = .seconds(10)

    let records: RecordStore
    let now: @Sendable () -> Timestamp

    func note(_ report: GatewayReport) async throws(ServiceError) {
        try await records.change(lanes: [GatewaysRecord.key.description]) {
            () async throws(ServiceError) -> Decision<Bool> in
            let stored = try await records.read(GatewaysRecord.key)
            var record = stored?.record ?? GatewaysRecord()
            record.note(report, at: now())
            var transaction = StateTransaction()
            try transaction.write(GatewaysRecord.key, over: stored, record)
            return .commit(transaction, true)
        }
    }

    func busy(
        among instances: Set<ModelServiceInstanceID>, of service: ModelServiceID
    ) async throws(ServiceError) -> Set<ModelServiceInstanceID>? {
        let shard = Shard(of: service.uuid)
        let version = RouteVersionRecord.key(shard)
        let entries = try await records.entries([GatewaysRecord.key.description, version.description])
        let time = now()
        let alive = (try entries[GatewaysRecord.key]?.record.gateways ?? []).filter {
            time - $0.reportedAt < Self.silence
        }
        guard !alive.isEmpty else { return nil }
        let current = try entries[version]?.record.version.value ?? 0
        var busy: Set<ModelServiceInstanceID> = []
        for gateway in alive {
            // With older routes it may send requests still.
            let known = RouteShardsDocument.versions(gateway.versions)?[shard.number] ?? 0
            if known < current { return instances }
            busy.formUnion(instances.intersection(gateway.busyInstances))
        }
        return busy
    }
}
