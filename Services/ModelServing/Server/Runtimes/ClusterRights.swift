import ControlPlane
import Domain
import Kubernetes
import KubernetesObjects
import ModelServingCore

/// Whether the account on a Kubernetes cluster may do what at least one of the runtimes there needs.
///
/// A cluster that does not answer is no reason to take no requests: what runs there goes on, and `GET /runtimes` tells.
actor ClusterRights {
    /// How long an answer holds: each takes a question for every right.
    static let validity: Duration = .seconds(60)

    private let client: KubernetesClient
    private let needed: [RuntimeKind: [AccessRight]]
    private let now: @Sendable () -> Timestamp
    private var known: (problem: String?, until: Timestamp)?

    init(
        _ client: KubernetesClient, needed: [RuntimeKind: [AccessRight]], now: @escaping @Sendable () -> Timestamp
    ) {
        self.client = client
        self.needed = needed
        self.now = now
    }

    nonisolated var check: ReadinessCheck { ReadinessCheck("kubernetes_rights") { await self.problem() } }

    private func problem() async -> String? {
        if let known, now() < known.until { return known.problem }
        let problem = await look()
        known = (problem, now() + Self.validity)
        return problem
    }

    private func look() async -> String? {
        var problems: [String] = []
        for (kind, rights) in needed.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let shortcoming = try? await client.shortcoming(rights) else { return nil }
            problems.append("for \(kind.rawValue) \(shortcoming)")
        }
        return problems.joined(separator: "; ")
    }
}
