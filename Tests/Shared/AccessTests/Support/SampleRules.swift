import Access
import Domain
import TestSupport

/// Rules as somebody adds them through the API.
struct SampleRules {
    private let ids = IdentifierSource()

    func policy(
        _ subject: String, _ object: String, _ action: String, _ effect: PolicyEntry.Effect = .allow
    ) -> AccessRule {
        rule(.policy(PolicyEntry(subject: subject, object: object, action: action, effect: effect)))
    }

    func binding(_ subject: String, _ role: String) -> AccessRule {
        rule(.binding(RoleBindingEntry(subject: subject, role: role)))
    }

    func role(_ name: String) throws -> AccessRule {
        rule(.role(RoleEntry(name: try EntityName(name, field: "name"), description: "")))
    }

    func key(_ owner: String, digest: String) -> AccessRule {
        rule(.apiKey(APIKeyEntry(name: "laptop", owner: owner, digest: digest)))
    }

    private func rule(_ content: AccessRule.Content) -> AccessRule {
        AccessRule(content, id: ids.next(), createdAt: Timestamp(millisecondsSinceEpoch: 0), createdBy: "admin")
    }
}
