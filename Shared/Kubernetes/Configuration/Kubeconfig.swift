import JSON

/// The content of one kubeconfig or of several, before a context is chosen. Of what comes twice the first counts.
struct Kubeconfig {
    struct Context {
        let cluster: String
        let user: String
        let namespace: String?
    }

    var clusters: [String: Result<Cluster, KubernetesError>] = [:]
    var users: [String: Result<User, KubernetesError>] = [:]
    var contexts: [String: Context] = [:]
    var currentContext: String?

    mutating func merge(_ other: Self) {
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
        currentContext = currentContext ?? other.currentContext
    }

    /// - Parameter context: nil for the current one.
    /// - Throws: `misconfigured`, for what the context needs; what is wrong with others does not matter.
    func configuration(context wanted: String?) throws(KubernetesError) -> KubernetesConfiguration {
        guard let name = wanted ?? currentContext else {
            throw .misconfigured("the kubeconfig has no current-context, and no context was chosen")
        }
        guard let context = contexts[name] else {
            throw .misconfigured(
                "the kubeconfig has no context \"\(name)\"; it has \(contexts.keys.sorted().joined(separator: ", "))")
        }
        guard let cluster = clusters[context.cluster] else {
            throw .misconfigured("the kubeconfig has no cluster \"\(context.cluster)\", which its context names")
        }
        guard let user = users[context.user] ?? (context.user.isEmpty ? .success(User()) : nil) else {
            throw .misconfigured("the kubeconfig has no user \"\(context.user)\", whom its context names")
        }
        return KubernetesConfiguration(
            cluster: try cluster.get(), user: try user.get(), namespace: context.namespace ?? "default")
    }
}
