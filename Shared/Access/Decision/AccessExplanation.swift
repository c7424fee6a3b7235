import Domain

/// A decision with the way that led to it.
public struct AccessExplanation: Hashable, Sendable {
    public let decision: AccessDecision
    /// From the principal's name over the roles on the way to the one that the rule names; empty without a rule.
    public let path: [String]
    /// Every role that any of the principal's names has.
    public let roles: [String]
}

extension AccessBook {
    public func explain(_ request: AccessRequest) -> AccessExplanation {
        let decision = decide(request)
        var path: [String] = []
        if let name = decision.name, case .policy(let entry) = decision.rule?.content {
            path = RoleHierarchy(rules).path(from: name, to: entry.subject) ?? [name]
        }
        var roles: [String] = []
        for name in request.principal.names {
            for role in self.roles(of: name).dropFirst() where !roles.contains(role) { roles.append(role) }
        }
        return AccessExplanation(decision: decision, path: path, roles: roles)
    }
}
