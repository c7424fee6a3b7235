import FakeKubernetes
import JSON
import Kubernetes
import RuntimeConformance

extension KubeRayWorld: ClusterWorld {
    private static let foreign: JSONValue = ["metadata": ["labels": ["team": "others"]], "spec": ["theirs": true]]

    func answer(_ isThere: Bool) async throws {
        if isThere { try await server.start() } else { await server.stop() }
    }

    func addForeignObject() async throws { server.put(.rayService, "theirs", Self.foreign) }

    func foreignObjectIsUntouched() async throws -> Bool {
        server.object(.rayService, "theirs")?.spec == Self.foreign["spec"]
    }
}
