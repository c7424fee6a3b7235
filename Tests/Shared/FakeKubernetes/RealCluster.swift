import EventLoop
import Foundation
import HTTPClient
import Kubernetes
import Observability
import Testing

/// A cluster of real servers, started by `make test-kubernetes`.
package struct RealCluster: Sendable {
    /// Where its kubeconfigs are.
    package static let folder = ProcessInfo.processInfo.environment["SLIPWAY_TEST_KUBERNETES"]
    package static let isThere = folder != nil
    package static let reason: Comment = "needs the servers that make test-kubernetes starts"

    /// With the account that `deploy/kubernetes/role.yaml` describes.
    package let slipway: KubernetesClient
    /// With every right, by a client certificate.
    package let admin: KubernetesClient

    package static func run(_ body: (RealCluster) async throws -> Void) async throws {
        let folder = try #require(folder)
        let group = EventLoopGroup(count: 1)
        let transport = CurlClient(group: group)
        func client(_ name: String) throws -> KubernetesClient {
            let configuration = try KubernetesConfiguration.load(
                kubeconfig: "\(folder)/\(name).kubeconfig", namespace: "models", environment: [:])
            return KubernetesClient(configuration, transport: transport, now: SystemClock.now)
        }
        let cluster = RealCluster(slipway: try client("slipway"), admin: try client("admin"))
        let result: Result<Void, any Error>
        do { result = .success(try await body(cluster)) } catch { result = .failure(error) }
        await group.shutdown()
        try result.get()
    }

    /// Ends the API server, and starts it again after some seconds.
    package static func restart(after seconds: Int) async throws {
        let process = Process()
        process.executableURL = URL(filePath: try #require(folder) + "/restart")
        process.arguments = [String(seconds)]
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
