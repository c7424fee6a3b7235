import Kubernetes

extension KubernetesClient {
    /// What the client's account may not do of what a runtime needs, as the end of a sentence; nil if it may do it all.
    public func shortcoming(_ needed: [AccessRight]) async throws(KubernetesError) -> String? {
        let missing = try await missing(needed)
        guard !missing.isEmpty else { return nil }
        return "the account may not \(missing.map(\.description).joined(separator: ", ")) in the namespace \(namespace)"
    }
}
