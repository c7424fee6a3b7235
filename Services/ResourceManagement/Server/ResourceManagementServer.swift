import ControlPlane
import ResourceManagementCore

@main
struct ResourceManagementServer {
    static func main() async {
        await ControlPlaneProcess(appID: "resource-management", port: 8082).run { parts in
            let repository = DaprResourceRepository(parts.records, now: parts.now, makeID: parts.makeID)
            let registry = ResourceRegistry(repository: repository, now: parts.now, makeID: parts.makeID)
            return ControlPlaneAssembly(
                ControlPlaneAPI(
                    routes: ResourceManagementAPI.routes(registry), document: ResourceManagementAPI.document))
        }
    }
}
