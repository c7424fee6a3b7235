/// Who inherits what, by one role definition, in one domain.
struct RoleGraph: Sendable {
    /// Links on the way from a name to a role it inherits, at most.
    static let maximumLinks = 9
    /// What was found is searched from one end to the other up to this number, then kept in a set.
    private static let fewNames = 16

    private(set) var links: [Symbols.Symbol: [Symbols.Symbol]] = [:]

    mutating func add(_ name: Symbols.Symbol, inherits role: Symbols.Symbol) {
        guard links[name]?.contains(role) != true else { return }
        links[name, default: []].append(role)
    }

    /// What a name inherits, itself first, nearest first.
    func inherited(by name: Symbols.Symbol) -> [Symbols.Symbol] {
        Self.inherited(by: name) { links[$0] ?? [] }
    }

    /// The same, of anything that has neighbours.
    static func inherited<Name: Hashable>(by name: Name, _ neighbours: (Name) -> [Name]) -> [Name] {
        var found = [name]
        var seen: Set<Name> = []
        var level = 0..<1
        for _ in 0..<maximumLinks {
            for index in level {
                for next in neighbours(found[index]) {
                    if found.count <= fewNames {
                        if found.contains(next) { continue }
                    } else {
                        if seen.isEmpty { seen = Set(found) }
                        guard seen.insert(next).inserted else { continue }
                    }
                    found.append(next)
                }
            }
            guard found.count > level.upperBound else { break }
            level = level.upperBound..<found.count
        }
        return found
    }
}
