import FakeKubernetes
import JSON
import Kubernetes
import RuntimeConformance

extension KubernetesWorld: ClusterWorld {
    private static let foreign: JSONValue = ["metadata": ["labels": ["team": "others"]], "spec": ["theirs": true]]
    private static let kinds = [KubernetesKind.deployment, .service, .pod]

    func answer(_ isThere: Bool) async throws {
        if isThere { try await server.start() } else { await server.stop() }
    }

    func addForeignObject() async throws {
        for kind in Self.kinds { server.put(kind, "theirs", Self.foreign) }
    }

    /// The scheduler writes into a pod, whosever it is.
    func foreignObjectIsUntouched() async throws -> Bool {
        Self.kinds.allSatisfy { server.object($0, "theirs")?.spec?["theirs"] == true }
    }
}
