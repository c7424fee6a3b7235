/// Who inherits what where names are patterns for others. Each question looks at every name: for few rules.
struct PatternRoleGraph {
    private let links: [ExactText: [ExactText]]
    private let describes: ((String, String) -> Bool)?

    /// - Parameter describes: whether the first is a pattern for the second; nil where names are only names.
    init(graphs: [RoleGraph], symbols: Symbols, describes: ((String, String) -> Bool)?) {
        var links: [ExactText: [ExactText]] = [:]
        for graph in graphs {
            for (name, roles) in graph.links {
                links[ExactText(symbols[name]), default: []] += roles.map { ExactText(symbols[$0]) }
            }
        }
        self.links = links
        self.describes = describes
    }

    func inherits(_ name: String, _ role: String) -> Bool {
        let target = ExactText(role)
        return RoleGraph.inherited(by: ExactText(name)) { neighbours(of: $0, target) }.contains(target)
    }

    private func neighbours(of name: ExactText, _ target: ExactText) -> [ExactText] {
        var all = links[name] ?? []
        guard let describes else { return all }
        let others = Set(links.keys).union(links.values.flatMap { $0 }).union([target])
        for other in others where other != name {
            // What a pattern inherits, everyone does whom it describes.
            if describes(other.string, name.string) { all += links[other] ?? [] }
            // A role that is a pattern stands for every role that it describes.
            if describes(name.string, other.string) { all.append(other) }
        }
        return all
    }
}
