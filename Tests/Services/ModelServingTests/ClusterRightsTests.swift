import ControlPlane
import Domain
import FakeKubernetes
import Kubernetes
import ModelServingCore
import Testing

@testable import ModelServing

@Suite(.timeLimit(.minutes(1)))
struct ClusterRightsTests {
    private static let needed: [RuntimeKind: [AccessRight]] = [
        .kuberay: [AccessRight("create", .rayService), AccessRight("watch", .pod)],
        .kubernetes: [AccessRight("create", .deployment), AccessRight("watch", .pod)],
    ]

    @Test func oneRuntimeThatMayWorkIsEnough() async throws {
        try await run { server, rights in
            #expect(await rights.check.problem() == nil)
            server.configure { $0.denied = ["create rayservices.ray.io"] }
            await rights.ask()
            #expect(await rights.check.problem() == nil)
        }
    }

    @Test func namesWhatIsMissing() async throws {
        try await run { server, rights in
            server.configure { $0.denied = ["watch pods", "create deployments.apps"] }
            await rights.ask()
            let expected = [
                "for kuberay the account may not watch pods in the namespace models",
                "for kubernetes the account may not create deployments.apps, watch pods in the namespace models",
            ]
            #expect(await rights.check.problem() == expected.joined(separator: "; "))
            server.configure { $0.denied = [] }
            await rights.ask()
            #expect(await rights.check.problem() == nil)
        }
    }

    @Test func aClusterThatDoesNotAnswerIsNoReasonToTakeNoRequests() async throws {
        try await run { server, rights in
            server.configure { $0.denied = ["watch pods"] }
            await rights.ask()
            #expect(await rights.check.problem() != nil)
            await server.stop()
            await rights.ask()
            #expect(await rights.check.problem() == nil)
        }
    }

    private func run(_ body: (FakeAPIServer, ClusterRights) async throws -> Void) async throws {
        try await FakeCluster.run { cluster in
            try await body(cluster.server, ClusterRights(cluster.client, needed: Self.needed))
        }
    }
}
