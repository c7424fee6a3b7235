import Access
import Domain
import HTTP

/// `/policies`, `/roles` and `/role_bindings`: who may do what, as data. Every service has the same.
public struct AccessRoutes: Sendable {
    private let authority: AccessAuthority
    private let now: @Sendable () -> Timestamp
    private let makeID: @Sendable () -> UUIDv7

    public init(
        _ authority: AccessAuthority, now: @escaping @Sendable () -> Timestamp,
        makeID: @escaping @Sendable () -> UUIDv7
    ) {
        self.authority = authority
        self.now = now
        self.makeID = makeID
    }

    public var routes: [Route] {
        AccessQuestions(authority: authority, now: now, makeID: makeID).routes + policies.routes + roles.routes
            + bindings.routes
    }

    private var policies: RuleCollection {
        RuleCollection(
            name: "policies", kind: "policy", key: "id", filters: [("sub", { $0.subject })],
            rules: { $0.rules.filter { if case .policy = $0.content { true } else { false } } },
            read: { $0.policy() },
            remove: { draft, id throws(ServiceError) in try draft.removePolicy(id) }, authority: authority,
            now: now, makeID: makeID)
    }

    private var roles: RuleCollection {
        RuleCollection(
            name: "roles", kind: "role", key: "name", filters: [], rules: { $0.rules.roles }, read: { $0.role() },
            remove: { draft, name throws(ServiceError) in try draft.removeRole(name) }, authority: authority,
            now: now, makeID: makeID)
    }

    private var bindings: RuleCollection {
        RuleCollection(
            name: "role_bindings", kind: "role_binding", key: "id",
            filters: [("sub", { $0.subject }), ("role", { $0.role })],
            rules: { $0.rules.filter { if case .binding = $0.content { true } else { false } } },
            read: { $0.binding() },
            remove: { draft, id throws(ServiceError) in try draft.removeBinding(id) }, authority: authority,
            now: now, makeID: makeID)
    }
}

extension AccessRule {
    /// Whom it is about.
    fileprivate var subject: String? {
        switch content {
        case .policy(let entry): entry.subject
        case .binding(let entry): entry.subject
        case .role, .apiKey: nil
        }
    }

    fileprivate var role: String? {
        if case .binding(let entry) = content { entry.role } else { nil }
    }
}
