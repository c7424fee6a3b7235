import HTTP

extension KubernetesConfiguration {
    /// Where a pod finds what its account needs.
    static let accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The account that this pod runs with.
    static func inCluster(
        environment: [String: String], folder: String = accountFolder
    ) throws(KubernetesError) -> Self {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"],
            let number = UInt16(port), !host.isEmpty
        else {
            throw .misconfigured(
                "this is no pod of a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
        }
        let token = CredentialFile("\(folder)/token")
        let authority = CredentialFile("\(folder)/ca.crt")
        _ = try token.text()
        _ = try authority.text()
        var cluster = Cluster(server: HTTPBaseURL(HTTPOrigin(scheme: .https, host: host, port: number)))
        cluster.certificateAuthority = .file(authority)
        let namespace = (try? CredentialFile("\(folder)/namespace").text()) ?? "default"
        return Self(cluster: cluster, user: User(token: .file(token)), namespace: namespace)
    }
}
