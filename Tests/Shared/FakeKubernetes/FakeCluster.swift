import EventLoop
import HTTP
import HTTPClient
import Kubernetes
import Observability

/// A fake API server, and a client of it.
package struct FakeCluster: Sendable {
    package let server: FakeAPIServer
    package let client: KubernetesClient
    package let transport: CurlClient
    private let group: EventLoopGroup

    /// Starts the server.
    package init(token: String? = nil) async throws {
        server = FakeAPIServer()
        try await server.start()
        guard let origin = HTTPOrigin(server.url) else { preconditionFailure("\(server.url) is no origin") }
        group = EventLoopGroup(count: 1)
        transport = CurlClient(group: group)
        client = KubernetesClient(
            KubernetesConfiguration(server: origin, namespace: FakeAPIServer.namespace, token: token),
            transport: transport, now: SystemClock.now)
    }

    package func shutDown() async {
        await server.shutDown()
        await group.shutdown()
    }

    package func client(_ configuration: KubernetesConfiguration) -> KubernetesClient {
        KubernetesClient(configuration, transport: transport, now: SystemClock.now)
    }

    /// Caches of this cluster try again so soon that a test hardly waits.
    package static var timing: ResourceCacheTiming {
        var timing = ResourceCacheTiming(now: SystemClock.now)
        timing.shortestWait = .milliseconds(5)
        timing.longestWait = .milliseconds(50)
        return timing
    }

    /// Runs a test on a cluster of its own.
    package static func run(token: String? = nil, _ body: (FakeCluster) async throws -> Void) async throws {
        let cluster = try await FakeCluster(token: token)
        let result: Result<Void, any Error>
        do { result = .success(try await body(cluster)) } catch { result = .failure(error) }
        await cluster.shutDown()
        try result.get()
    }
}
