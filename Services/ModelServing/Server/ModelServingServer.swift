import Authentication
import Configuration
import ControlPlane
import Domain
import HTTP
import Lifecycle
import ModelServingCore
import Observability

@main
struct ModelServingServer {
    static let settings: [Configuration.Setting] =
        [
            .init("SLIPWAY_GATEWAY_URL", default: "http://127.0.0.1:8088", "where services are reached"),
            .init("SLIPWAY_REPLICA_ID", "name of this replica, another for each; by default that of the machine"),
            .init(
                "SLIPWAY_LEASE_SECONDS", default: "15",
                "after so long without a sign of life, another replica takes over; the same for all"),
            .init(
                "SLIPWAY_SWEEP_SECONDS", default: "30",
                "how often capacity and engines that belong to nobody are looked for"),
            .init(
                "SLIPWAY_DRAIN_SECONDS", default: "30",
                "how long requests at an instance that is to go may take to end"),
            .init(
                "SLIPWAY_UNREPORTED_DRAIN_SECONDS", default: "2",
                "how long such an instance stays while no gateway tells what it has left there"),
        ] + ServingRuntimes.settings

    static func main() async {
        await ControlPlaneProcess(appID: "model-serving", port: 8080, settings: settings).run { parts in
            let ambient = Ambient(
                now: parts.now,
                random: {
                    var generator = SystemRandomNumberGenerator()
                    return generator.next()
                })
            let runtimes = try ServingRuntimes(parts, ambient)
            let key = try PresharedKey.text(
                key: parts.configuration.optional("SLIPWAY_ADMIN_KEY"),
                file: parts.configuration.optional("SLIPWAY_ADMIN_KEY_FILE"), of: .admin)
            return try assemble(parts, runtimes, key, ambient)
        }
    }

    private static func assemble(
        _ parts: ControlPlaneParts, _ runtimes: ServingRuntimes, _ key: String, _ ambient: Ambient
    ) throws -> ControlPlaneAssembly {
        var policy = ReconciliationPolicy()
        policy.drainDeadline = .seconds(try parts.configuration.integer("SLIPWAY_DRAIN_SECONDS", in: 1...86_400))
        policy.drainTime = .seconds(
            try parts.configuration.integer("SLIPWAY_UNREPORTED_DRAIN_SECONDS", in: 0...86_400))
        let ports = ports(parts, runtimes, policy, key).withFailpoints()
        let reconciliation = try Reconciliation(ports, parts, policy, ambient)
        let loop = reconciliation.loop
        let serving = ModelServingParts(
            records: parts.records, repository: ports.repository,
            callersModels: CallersModels(neighbour: models(parts, key)), claims: ports.claims, runtimes: ports.runtimes,
            missingRuntimes: runtimes.missing, ambient: ambient, policy: policy,
            gatewayURL: try gatewayURL(parts.configuration), adminKey: key, wake: { await loop.wake($0) })
        return ControlPlaneAssembly(
            ControlPlaneAPI(routes: ModelServingAPI.routes(serving), document: ModelServingAPI.document),
            tasks: runtimes.tasks + [reconciliation.task]
                + (try sweeps(serving.consistency, reconciliation.held, parts)),
            checks: runtimes.checks,
            owners: ModelServiceOwners.lookups(serving))
    }

    private static func ports(
        _ parts: ControlPlaneParts, _ runtimes: ServingRuntimes, _ policy: ReconciliationPolicy, _ key: String
    ) -> ServingPorts {
        ServingPorts(
            repository: LoggedModelServiceRepository(
                DaprModelServiceRepository(parts.records, policy: policy), logger: parts.logger,
                metrics: parts.metrics),
            catalog: DaprModelCatalog(neighbour: models(parts, key)),
            claims: DaprResourceClaims(
                neighbour: Neighbour(
                    appID: "resource-management", invoker: parts.sidecar,
                    unavailable: .resourceManagementUnavailable, authorization: ownAuthorization(parts, key))),
            runtimes: runtimes.runtimes)
    }

    private static func models(_ parts: ControlPlaneParts, _ key: String) -> Neighbour {
        Neighbour(
            appID: "model-management", invoker: parts.sidecar, unavailable: .modelCatalogUnavailable,
            authorization: ownAuthorization(parts, key))
    }

    /// Where sidecars have no token, nobody vouches for a service: then it presents the admin key.
    private static func ownAuthorization(_ parts: ControlPlaneParts, _ key: String) -> String? {
        parts.configuration.optional("APP_API_TOKEN") == nil ? "Bearer \(key)" : nil
    }

    /// A replica looks after the shards that it holds.
    private static func sweeps(
        _ consistency: ServingConsistency, _ held: HeldShards, _ parts: ControlPlaneParts
    ) throws(Configuration.Failure) -> [any BackgroundTask] {
        let interval = Duration.seconds(try parts.configuration.integer("SLIPWAY_SWEEP_SECONDS", in: 1...86_400))
        let holdings = HoldingsSweep(
            consistency.holdings, shards: { held.shards }, metrics: parts.metrics, logger: parts.logger)
        let records = ConsistencySweep(
            consistency, shards: { held.shards }, every: interval, metrics: parts.metrics, logger: parts.logger)
        return [holdings.task(every: interval), records.task]
    }

    private static func gatewayURL(_ configuration: Configuration) throws(Configuration.Failure) -> String {
        var url = try configuration.string("SLIPWAY_GATEWAY_URL")
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw .invalid("SLIPWAY_GATEWAY_URL is \"\(url)\"; it must be like http://127.0.0.1:8088")
        }
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }
}
