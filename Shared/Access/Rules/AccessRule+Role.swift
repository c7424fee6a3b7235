import Domain

extension AccessRule {
    /// The role that this makes: by saying so, or by being a line of the file that has one.
    var roleName: EntityName? {
        let subject: String
        switch (content, source) {
        case (.role(let entry), _): return entry.name
        case (.policy(let entry), .file): subject = entry.subject
        case (.binding(let entry), .file): subject = entry.role
        case (.policy, .store), (.binding, .store), (.apiKey, _): return nil
        }
        let prefix = RoleEntry.subject("")
        return subject.hasPrefix(prefix) ? EntityName(String(subject.dropFirst(prefix.count))) : nil
    }
}

extension [AccessRule] {
    /// The roles that there are: those that were made, and those that the file speaks of.
    public var roles: [AccessRule] {
        var seen: Set<EntityName> = []
        return compactMap { rule in
            guard let name = rule.roleName, seen.insert(name).inserted else { return nil }
            if case .role = rule.content { return rule }
            return rule.asRole(name)
        }
    }
}
