/// All that role definitions say, by definition and domain.
struct RoleGraphs: Sendable {
    private struct Place: Hashable {
        let definition: String
        let domain: Symbols.Symbol
    }

    private var graphs: [Place: RoleGraph] = [:]
    private var domains: [String: [Symbols.Symbol]] = [:]
    private let patterns: RolePatterns
    private let cache: PatternCache

    init(patterns: RolePatterns = RolePatterns(), cache: PatternCache) {
        self.patterns = patterns
        self.cache = cache
    }

    mutating func add(
        _ definition: String, _ name: Symbols.Symbol, inherits role: Symbols.Symbol, domain: Symbols.Symbol
    ) {
        let place = Place(definition: definition, domain: domain)
        if graphs[place] == nil { domains[definition, default: []].append(domain) }
        graphs[place, default: RoleGraph()].add(name, inherits: role)
    }

    /// Whether `inherited` tells everything, since no pattern is at work.
    func isEnumerable(_ definition: String) -> Bool {
        patterns.names[definition] == nil && patterns.domains[definition] == nil
    }

    /// What a name inherits, itself first, where that is enumerable.
    func inherited(
        _ definition: String, by name: Symbols.Symbol, domain: Symbols.Symbol?
    ) -> [Symbols.Symbol] {
        domain.flatMap { graphs[Place(definition: definition, domain: $0)] }?.inherited(by: name) ?? [name]
    }

    /// Whether a name inherits a role. Names that no rule has inherit themselves.
    func inherits(
        _ definition: String, _ name: String, _ role: String, domain: String, _ symbols: Symbols
    ) -> Bool {
        if name.hasSameBytes(as: role) { return true }
        guard isEnumerable(definition) else { return inheritsByPattern(definition, name, role, domain, symbols) }
        guard let name = symbols[name], let role = symbols[role] else { return false }
        return inherited(definition, by: name, domain: symbols[domain]).contains(role)
    }

    private func inheritsByPattern(
        _ definition: String, _ name: String, _ role: String, _ domain: String, _ symbols: Symbols
    ) -> Bool {
        let graph = PatternRoleGraph(
            graphs: matching(definition, domain, symbols), symbols: symbols,
            describes: matching(patterns.names[definition]))
        return graph.inherits(name, role)
    }

    /// Those of a domain, and of the domains that are patterns for it.
    private func matching(_ definition: String, _ domain: String, _ symbols: Symbols) -> [RoleGraph] {
        let describes = matching(patterns.domains[definition])
        return (domains[definition] ?? []).filter { other in
            symbols[other].hasSameBytes(as: domain) || describes?(symbols[other], domain) ?? false
        }.compactMap { graphs[Place(definition: definition, domain: $0)] }
    }

    /// Whether the first is a pattern for the second. A pattern that cannot be used describes nothing.
    private func matching(_ function: BuiltInFunction?) -> ((String, String) -> Bool)? {
        guard let function else { return nil }
        return { [cache] pattern, name in (try? function.call([name, pattern], cache).isTruthy) ?? false }
    }
}
