/// Finds policies by a plan.
struct PolicyIndex: Sendable {
    /// Symbols of the fields, in the plan's order; what is not used is -1.
    private typealias Key = SIMD4<Int32>

    let plan: IndexPlan
    private var rows: [Key: [Int]] = [:]

    init(_ plan: IndexPlan, _ table: PolicyTable, _ symbols: inout Symbols) {
        self.plan = plan
        for (index, row) in table.rows.enumerated() {
            var key = Key(repeating: -1)
            for (place, equality) in plan.equalities.enumerated() {
                key[place] = symbols.add(row.rule.fields[equality.policy])
            }
            if let inheritance = plan.inheritance {
                key[IndexPlan.maximumFields - 1] = symbols.add(row.rule.fields[inheritance.policy])
            }
            rows[key, default: []].append(index)
        }
    }

    /// Calls `found` with each policy to be looked at, in no order.
    func find(
        _ request: [Value], _ roles: RoleGraphs, _ symbols: Symbols, _ found: (Int) -> Void
    ) throws(EvaluationError) {
        var key = Key(repeating: -1)
        for (place, equality) in plan.equalities.enumerated() {
            // A text that no policy has, or what is no text, is equal to no field of any.
            guard case .string(let text) = request[equality.request], let symbol = symbols[text] else { return }
            key[place] = symbol
        }
        guard let inheritance = plan.inheritance else {
            for row in rows[key] ?? [] { found(row) }
            return
        }
        guard case .string(let name) = request[inheritance.request] else {
            throw EvaluationError("\(inheritance.definition) takes strings")
        }
        // A name that no rule has inherits nothing, and is in no policy.
        guard let name = symbols[name] else { return }
        var domain = symbols[""]
        if let field = inheritance.domain {
            guard case .string(let text) = request[field] else {
                throw EvaluationError("\(inheritance.definition) takes strings")
            }
            domain = symbols[text]
        }
        for role in roles.inherited(inheritance.definition, by: name, domain: domain) {
            key[IndexPlan.maximumFields - 1] = role
            for row in rows[key] ?? [] { found(row) }
        }
    }
}
