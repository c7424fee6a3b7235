import ControlPlane
import ResourceManagementCore

@main
struct ResourceManagementServer {
    static func main() async {
        await ControlPlaneProcess(appID: "resource-management", port: 8082).run { parts in
            let repository = DaprResourceRepository(parts.records, now: parts.now, makeID: parts.makeID)
            let registry = ResourceRegistry(repository: repository, now: parts.now, makeID: parts.makeID)
            let check = LedgerCheck(parts.records)
            return ControlPlaneAssembly(
                ControlPlaneAPI(
                    routes: ResourceManagementAPI.routes(registry, check), document: ResourceManagementAPI.document),
                tasks: [ConsistencySweep(check, metrics: parts.metrics, logger: parts.logger).task])
        }
    }
}
