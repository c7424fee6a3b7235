import Domain

/// The rules, with changes that are still to be written. Each step must hold on top of the ones before it.
public struct RuleDraft: Sendable {
    /// With the changes so far.
    public private(set) var rules: [AccessRule]
    private(set) var change = AccessRuleChange()
    /// Of the rules; made when it is needed.
    private var index: RuleIndex?

    public init(_ rules: [AccessRule]) { self.rules = rules }

    /// - Throws: `.invalid`, naming the field; `.conflict` (`policy_exists`, `role_exists`, `role_binding_exists`,
    ///   `role_cycle`, `role_chain_too_long`).
    public mutating func add(_ rule: AccessRule) throws(ServiceError) {
        if case .role(let entry) = rule.content {
            change.answer = entry.name.description
        } else {
            change.answer = rule.id
        }
        var index = self.index ?? RuleIndex(rules)
        // One owner, or every change would copy it.
        self.index = nil
        defer { self.index = index }
        // An earlier attempt may have succeeded without an answer.
        if index.ids.contains(rule.id) { return }
        switch rule.content {
        case .policy(let entry): try index.checkNew(entry, rule.content)
        case .role(let entry):
            if index.roles.contains(entry.subject) {
                throw .conflict(code: "role_exists", message: "There is a role \(entry.name) already.")
            }
        case .binding(let entry): try index.checkNew(entry)
        case .apiKey: break
        }
        rules.append(rule)
        index.add(rule)
        change.added.append(rule)
    }

    /// - Throws: `.notFound`; `.conflict` (`rule_of_file`).
    public mutating func removePolicy(_ id: String) throws(ServiceError) {
        let rule = rules.first { if case .policy = $0.content { $0.id == id } else { false } }
        try remove(rule, kind: "policy", id)
    }

    /// - Throws: `.notFound`; `.conflict` (`rule_of_file`).
    public mutating func removeBinding(_ id: String) throws(ServiceError) {
        let rule = rules.first { if case .binding = $0.content { $0.id == id } else { false } }
        try remove(rule, kind: "role_binding", id)
    }

    /// - Throws: `.notFound`.
    public mutating func removeKey(_ id: String) throws(ServiceError) {
        let rule = rules.first { if case .apiKey = $0.content { $0.id == id } else { false } }
        try remove(rule, kind: "api_key", id)
    }

    /// - Throws: `.notFound`; `.conflict` (`rule_of_file`, `role_in_use`).
    public mutating func removeRole(_ name: String) throws(ServiceError) {
        let rule = rules.roles.first { $0.roleName?.description == name }
        let users = rule?.source == .store ? users(of: RoleEntry.subject(name)) : []
        guard users.isEmpty else {
            let more = users.count > 5 ? " and \(users.count - 5) more" : ""
            throw .conflict(
                code: "role_in_use",
                message: "The role \(name) is used by \(users.prefix(5).joined(separator: "; "))\(more).")
        }
        try remove(rule, kind: "role", name)
    }

    private mutating func remove(_ rule: AccessRule?, kind: String, _ id: String) throws(ServiceError) {
        guard let rule else { throw .notFound(kind: kind, id: id) }
        guard rule.source == .store else {
            throw .conflict(
                code: "rule_of_file",
                message: "This is said by the policy file (\(rule.id)): change it there, or add a rule that denies.")
        }
        rules.removeAll { $0.id == rule.id }
        index = nil
        change.answer = id
        if change.added.contains(where: { $0.id == rule.id }) {
            change.added.removeAll { $0.id == rule.id }
        } else {
            change.removed.insert(rule.id)
        }
    }

    /// Rules that name a role, as an explanation of why it cannot go.
    private func users(of role: String) -> [String] {
        rules.compactMap { rule in
            switch rule.content {
            case .policy(let entry): entry.subject == role ? "policy \(rule.id)" : nil
            case .binding(let entry):
                entry.role == role
                    ? "\(entry.subject) (role binding \(rule.id))"
                    : entry.subject == role ? "role binding \(rule.id)" : nil
            case .role, .apiKey: nil
            }
        }
    }
}

/// What is asked of rules when one is added.
private struct RuleIndex {
    private(set) var ids: Set<String>
    /// The id of the first rule that says so.
    private(set) var contents: [AccessRule.Content: String]
    /// In full.
    private(set) var roles: Set<String>
    private(set) var hierarchy: RoleHierarchy

    init(_ rules: [AccessRule]) {
        ids = Set(rules.map(\.id))
        contents = Dictionary(rules.map { ($0.content, $0.id) }, uniquingKeysWith: { first, _ in first })
        roles = Set(rules.compactMap { $0.roleName.map { RoleEntry.subject($0.description) } })
        hierarchy = RoleHierarchy(rules)
    }

    mutating func add(_ rule: AccessRule) {
        ids.insert(rule.id)
        if contents[rule.content] == nil { contents[rule.content] = rule.id }
        if let name = rule.roleName { roles.insert(RoleEntry.subject(name.description)) }
        if case .binding(let entry) = rule.content { hierarchy.add(entry) }
    }

    func checkNew(_ entry: PolicyEntry, _ content: AccessRule.Content) throws(ServiceError) {
        try requireRole(entry.subject, field: "/sub")
        guard let same = contents[content] else { return }
        throw .conflict(code: "policy_exists", message: "The policy \(same) says the same.")
    }

    func checkNew(_ entry: RoleBindingEntry) throws(ServiceError) {
        try requireRole(entry.subject, field: "/sub")
        try requireRole(entry.role, field: "/role")
        if let same = contents[.binding(entry)] {
            throw .conflict(code: "role_binding_exists", message: "The role binding \(same) says the same.")
        }
        guard !hierarchy.inherits(entry.role, entry.subject) else {
            throw .conflict(
                code: "role_cycle", message: "\(entry.role) has \(entry.subject) already: roles cannot go in a circle.")
        }
        guard hierarchy.chain(through: entry) <= AccessLimits.maximumRoleLinks else {
            throw .conflict(
                code: "role_chain_too_long",
                message: "Roles would be inherited over more than \(AccessLimits.maximumRoleLinks) links.")
        }
    }

    /// A role that a rule is about must be there: a typing error should show.
    private func requireRole(_ subject: String, field: String) throws(ServiceError) {
        guard subject.hasPrefix(RoleEntry.subject("")) else { return }
        guard roles.contains(subject) else {
            throw .invalid(field, "there is no role \(subject.dropFirst(RoleEntry.subject("").count))")
        }
    }
}
