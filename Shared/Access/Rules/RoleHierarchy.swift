/// Who has which roles, and which roles have others.
struct RoleHierarchy {
    private var roles: [String: [String]] = [:]
    private var members: [String: [String]] = [:]

    init(_ rules: some Sequence<AccessRule>) {
        for rule in rules {
            if case .binding(let entry) = rule.content { add(entry) }
        }
    }

    mutating func add(_ entry: RoleBindingEntry) {
        roles[entry.subject, default: []].append(entry.role)
        members[entry.role, default: []].append(entry.subject)
    }

    func inherits(_ subject: String, _ role: String) -> Bool { path(from: subject, to: role) != nil }

    /// The shortest way, both ends included; nil if there is none.
    func path(from subject: String, to role: String) -> [String]? {
        var origin: [String: String] = [:]
        var front = [subject]
        var seen: Set<String> = [subject]
        while !front.isEmpty {
            if seen.contains(role) { break }
            var next: [String] = []
            for name in front {
                for neighbour in roles[name] ?? [] where seen.insert(neighbour).inserted {
                    origin[neighbour] = name
                    next.append(neighbour)
                }
            }
            front = next
        }
        guard seen.contains(role) else { return nil }
        var path = [role]
        while let previous = path.last.flatMap({ origin[$0] }) { path.append(previous) }
        return path.reversed()
    }

    /// Links of the longest chain that a new link would be part of.
    func chain(through link: RoleBindingEntry) -> Int {
        height(link.subject, members, []) + 1 + height(link.role, roles, [])
    }

    private func height(_ name: String, _ links: [String: [String]], _ seen: Set<String>) -> Int {
        // Rules of the file may go round in circles.
        guard seen.count <= AccessLimits.maximumRoleLinks, !seen.contains(name) else { return 0 }
        return (links[name] ?? []).map { 1 + height($0, links, seen.union([name])) }.max() ?? 0
    }
}
