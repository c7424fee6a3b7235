import FoundationEssentials
import HTTP

/// Which cluster, as whom, and in which namespace.
public struct KubernetesConfiguration: Sendable {
    let cluster: Cluster
    let user: User
    public var namespace: String

    init(cluster: Cluster, user: User, namespace: String) {
        self.cluster = cluster
        self.user = user
        self.namespace = namespace
    }

    /// A server that is trusted as the system trusts it.
    public init(server: HTTPOrigin, namespace: String, token: String? = nil) {
        self.init(
            cluster: Cluster(server: HTTPBaseURL(server)), user: User(token: token.map { .fixed(SecretText($0)) }),
            namespace: namespace)
    }

    /// The word for the account that a pod has, in place of a kubeconfig's path.
    public static let inCluster = "in-cluster"

    /// - Parameters:
    ///   - kubeconfig: `in-cluster`, or one or more paths with colons between them; nil for `KUBECONFIG`, else
    ///     `~/.kube/config`.
    ///   - context: nil for the current one.
    ///   - namespace: nil for the context's, or the pod's.
    /// - Throws: `misconfigured`. Nothing is asked of the cluster.
    public static func load(
        kubeconfig: String?, context: String? = nil, namespace: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(KubernetesError) -> Self {
        var configuration: Self
        if kubeconfig == inCluster {
            configuration = try inCluster(environment: environment)
        } else {
            configuration = try self.kubeconfig(kubeconfig, context: context, environment: environment)
        }
        if let namespace { configuration.namespace = namespace }
        return configuration
    }

    private static func kubeconfig(
        _ paths: String?, context: String?, environment: [String: String]
    ) throws(KubernetesError) -> Self {
        let list = paths ?? environment["KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let files = (list ?? "\(environment["HOME"] ?? "")/.kube/config").split(separator: ":").map(String.init)
        var kubeconfig = Kubeconfig()
        for file in files {
            // As kubectl does it: of several files some need not exist.
            guard files.count == 1 || FileManager.default.fileExists(atPath: file) else { continue }
            kubeconfig.merge(try KubeconfigReader.read(file))
        }
        return try kubeconfig.configuration(context: context)
    }
}
