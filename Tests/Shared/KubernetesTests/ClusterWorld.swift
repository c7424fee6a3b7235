import Domain
import EventLoop
import FakeKubernetes
import HTTP
import HTTPClient
import JSON
import Observability
import Testing

@testable import Kubernetes

/// A fake API server and a client of it.
struct ClusterWorld: Sendable {
    let server: FakeAPIServer
    let client: KubernetesClient
    let transport: CurlClient

    static func run(
        token: String? = nil, _ body: (ClusterWorld) async throws -> Void
    ) async throws {
        let server = FakeAPIServer()
        try await server.start()
        let group = EventLoopGroup(count: 1)
        let transport = CurlClient(group: group)
        let origin = try #require(HTTPOrigin(server.url))
        let configuration = KubernetesConfiguration(server: origin, namespace: FakeAPIServer.namespace, token: token)
        let client = KubernetesClient(configuration, transport: transport, now: SystemClock.now)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(ClusterWorld(server: server, client: client, transport: transport)))
        } catch {
            result = .failure(error)
        }
        await server.shutDown()
        await group.shutdown()
        try result.get()
    }

    func client(_ configuration: KubernetesConfiguration) -> KubernetesClient {
        KubernetesClient(configuration, transport: transport, now: SystemClock.now)
    }

    static func deployment(_ name: String, replicas: Int = 1, labels: [String: String] = [:]) -> JSONValue {
        [
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": [
                "name": .string(name),
                "labels": .object(JSONObject(labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            ],
            "spec": ["replicas": .integer(Int64(replicas))],
        ]
    }
}
