import ControlPlane
import ModelManagementCore

@main
struct ModelManagementServer {
    static func main() async {
        await ControlPlaneProcess(appID: "model-management", port: 8081).run { parts in
            let registry = ModelRegistry(
                repository: DaprModelRepository(parts.records), now: parts.now, makeID: parts.makeID)
            return ControlPlaneAssembly(
                ControlPlaneAPI(
                    routes: ModelManagementAPI.routes(registry), document: ModelManagementAPI.document))
        }
    }
}
