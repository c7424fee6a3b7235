import Access
import Domain
import Persistence

/// Under `access:version`: another number after every change of the rules.
struct AccessVersionRecord: StateRecord {
    static let key = RecordKey<Self>("access:version")

    let version: StoredInteger
}

/// Under `access:rules:{shard}`: the rules whose ids belong there.
struct AccessShardRecord: StateRecord {
    let rules: [AccessRuleRecord]

    static func key(_ shard: Shard) -> RecordKey<Self> { RecordKey("access:rules:\(shard)") }
}

/// A rule as it is stored: exactly one of its four kinds.
struct AccessRuleRecord: Codable, Sendable {
    struct Policy: Codable, Sendable {
        let sub: String
        let obj: String
        let act: String
        let eft: String
    }

    struct Role: Codable, Sendable {
        let name: String
        let description: String
    }

    struct Binding: Codable, Sendable {
        let sub: String
        let role: String
    }

    struct Key: Codable, Sendable {
        let name: String
        let owner: String
        let sha256: String
        let expiresAt: Timestamp?

        private enum CodingKeys: String, CodingKey {
            case name, owner, sha256
            case expiresAt = "expires_at"
        }
    }

    let id: String
    let createdAt: Timestamp
    let createdBy: String
    private var policy: Policy?
    private var role: Role?
    private var binding: Binding?
    private var key: Key?

    private enum CodingKeys: String, CodingKey {
        case id, policy, role
        case createdAt = "created_at"
        case createdBy = "created_by"
        case binding = "role_binding"
        case key = "api_key"
    }

    /// Nil for a rule of the file, which is stored nowhere else.
    init?(_ rule: AccessRule) {
        guard let createdAt = rule.createdAt, let createdBy = rule.createdBy else { return nil }
        id = rule.id
        self.createdAt = createdAt
        self.createdBy = createdBy
        switch rule.content {
        case .policy(let entry):
            policy = Policy(
                sub: entry.subject, obj: entry.object, act: entry.action, eft: entry.effect.rawValue)
        case .role(let entry): role = Role(name: entry.name.description, description: entry.description)
        case .binding(let entry): binding = Binding(sub: entry.subject, role: entry.role)
        case .apiKey(let entry):
            key = Key(name: entry.name, owner: entry.owner, sha256: entry.digest, expiresAt: entry.expiresAt)
        }
    }

    /// - Throws: `.internalFault` for what this release does not know: to leave it out could allow what it denies.
    func rule() throws(ServiceError) -> AccessRule {
        guard let uuid = UUIDv7(id), let content else {
            throw .internalFault(detail: "the stored access rule \(id) is of no known kind")
        }
        return AccessRule(content, id: uuid, createdAt: createdAt, createdBy: createdBy)
    }

    private var content: AccessRule.Content? {
        if let policy {
            return PolicyEntry.Effect(rawValue: policy.eft).map { effect in
                .policy(
                    PolicyEntry(subject: policy.sub, object: policy.obj, action: policy.act, effect: effect))
            }
        }
        if let role {
            return EntityName(role.name).map { .role(RoleEntry(name: $0, description: role.description)) }
        }
        if let binding { return .binding(RoleBindingEntry(subject: binding.sub, role: binding.role)) }
        return key.map { key in
            .apiKey(
                APIKeyEntry(name: key.name, owner: key.owner, digest: key.sha256, expiresAt: key.expiresAt))
        }
    }
}
