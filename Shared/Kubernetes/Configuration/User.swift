import HTTP

/// As whom calls are made.
struct User: Sendable {
    enum Token: Sendable {
        case fixed(SecretText)
        case file(CredentialFile)
        case plugin(CredentialPlugin)
    }

    var token: Token?
    var certificate: CredentialText?
    var key: CredentialText?
    /// Whom to act as instead, with the account's right to do so.
    var actsAs: Impersonation?

    init(token: Token? = nil) { self.token = token }
}

struct Impersonation: Hashable, Sendable {
    let user: String
    let uid: String?
    let groups: [String]
}

/// What one call shows of who it is from.
struct Identity: Sendable {
    var token: SecretText?
    var certificate: String?
    var key: SecretText?
    var actsAs: Impersonation?

    func sign(_ fields: inout HTTPFields) {
        if let token { fields.append("Authorization", "Bearer \(token.text)") }
        guard let actsAs else { return }
        fields.append("Impersonate-User", actsAs.user)
        if let uid = actsAs.uid { fields.append("Impersonate-Uid", uid) }
        for group in actsAs.groups { fields.append("Impersonate-Group", group) }
    }
}
