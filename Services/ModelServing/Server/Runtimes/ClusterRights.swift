import ControlPlane
import Domain
import Kubernetes
import KubernetesObjects
import Lifecycle
import ModelServingCore

/// Whether the account on a Kubernetes cluster may do what at least one of the runtimes there needs.
///
/// It is asked beside the requests, since each right takes a question. A cluster that does not answer is no reason to
/// take no requests: what runs there goes on, and `GET /runtimes` tells.
actor ClusterRights {
    /// Between the questions.
    static let interval: Duration = .seconds(30)

    private let client: KubernetesClient
    private let needed: [RuntimeKind: [AccessRight]]
    private var problem: String?

    init(_ client: KubernetesClient, needed: [RuntimeKind: [AccessRight]]) {
        self.client = client
        self.needed = needed
    }

    nonisolated var check: ReadinessCheck { ReadinessCheck("kubernetes_rights") { await self.problem } }

    nonisolated var task: PeriodicTask {
        PeriodicTask("cluster rights", every: Self.interval, startsAtOnce: true) { await self.ask() }
    }

    func ask() async {
        var problems: [String] = []
        for (kind, rights) in needed.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let shortcoming = try? await client.shortcoming(rights) else {
                problem = nil
                return
            }
            problems.append("for \(kind.rawValue) \(shortcoming)")
        }
        problem = problems.joined(separator: "; ")
    }
}
