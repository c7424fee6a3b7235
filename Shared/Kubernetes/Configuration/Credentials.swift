import Domain

/// What every call shows, kept fresh.
final class Credentials: Sendable {
    private let user: User
    private let cluster: Cluster
    private let now: @Sendable () -> Timestamp

    init(_ user: User, cluster: Cluster, now: @escaping @Sendable () -> Timestamp) {
        self.user = user
        self.cluster = cluster
        self.now = now
    }

    func identity() async throws(KubernetesError) -> Identity {
        var identity = Identity()
        identity.actsAs = user.actsAs
        identity.certificate = try user.certificate?.text()
        identity.key = try user.key?.text().secret
        switch user.token {
        case .fixed(let token): identity.token = token
        case .file(let file): identity.token = try file.text().secret
        case .plugin(let plugin):
            let credential = try await plugin.credential(for: cluster, at: now())
            identity.token = credential.token
            if let certificate = credential.certificate {
                identity.certificate = certificate
                identity.key = credential.key
            }
        case nil: break
        }
        return identity
    }

    /// Forgets what was kept of credentials that can be renewed.
    /// - Returns: whether there are any.
    func renew() async -> Bool {
        if case .file(let file) = user.certificate { file.renew() }
        if case .file(let file) = user.key { file.renew() }
        switch user.token {
        case .file(let file): file.renew()
        case .plugin(let plugin): await plugin.renew()
        case .fixed, nil:
            if case .file = user.certificate { return true }
            return false
        }
        return true
    }
}

extension String {
    fileprivate var secret: SecretText { SecretText(self) }
}
