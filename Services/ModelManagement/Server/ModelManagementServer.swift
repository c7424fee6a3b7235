import ControlPlane
import ModelManagementCore

@main
struct ModelManagementServer {
    static func main() async {
        await ControlPlaneProcess(appID: "model-management", port: 8081).run { parts in
            let registry = ModelRegistry(
                repository: DaprModelRepository(parts.records), now: parts.now, makeID: parts.makeID)
            let check = ModelCheck(parts.records, now: parts.now)
            return ControlPlaneAssembly(
                ControlPlaneAPI(
                    routes: ModelManagementAPI.routes(registry, check), document: ModelManagementAPI.document),
                tasks: [ConsistencySweep(check, metrics: parts.metrics, logger: parts.logger).task],
                owners: ["models": ModelOwners(registry: registry)])
        }
    }
}
