/// A matcher, prepared for the policies that it is to find among.
struct CompiledMatcher: Sendable {
    private let whole: Expression
    private let table: PolicyTable
    private let effect: PolicyEffect
    /// Alternatives that have nothing to do with policies: if one holds, every policy matches.
    private let unconditional: [Expression]
    /// Of the other alternatives; nil if one of them can only be evaluated for every policy.
    private let indexes: [PolicyIndex]?
    /// Expressions that policies hold, by row and field.
    private let rules: [Int: [Int: Expression]]

    init(
        _ expression: Expression, _ table: PolicyTable, _ effect: PolicyEffect, scope: Scope, _ roles: RoleGraphs,
        _ symbols: inout Symbols
    ) throws(SourceError) {
        whole = expression
        self.table = table
        self.effect = effect
        let alternatives: [Expression] = if case .or(let parts) = expression { parts } else { [expression] }
        unconditional = alternatives.filter { !$0.dependsOnPolicy }
        var indexes: [PolicyIndex] = []
        var isIndexed = true
        for alternative in alternatives where alternative.dependsOnPolicy {
            guard let plan = IndexPlan(alternative, isEnumerable: roles.isEnumerable) else {
                isIndexed = false
                break
            }
            indexes.append(PolicyIndex(plan, table, &symbols))
        }
        self.indexes = isIndexed ? indexes : nil
        rules = try Self.rules(expression, table, scope)
    }

    func decide(_ evaluation: Evaluation) -> Decision {
        var tally = PolicyEffect.Tally()
        var rule: PolicyFile.Rule?
        // Where a later policy could take it back, the first to allow is what an allowed request is owed to.
        var firstAllowing: PolicyFile.Rule?
        do throws(EvaluationError) {
            if table.rows.isEmpty {
                if try matchesWithoutPolicies(evaluation) { tally.add(.allow) }
            } else {
                try forEachMatch(evaluation) { row in
                    tally.add(row.verdict)
                    if effect == .allowAndDeny, row.verdict == .allow, firstAllowing == nil {
                        firstAllowing = row.rule
                    }
                    guard effect.isDecided(by: tally) else { return true }
                    rule = row.rule
                    return false
                }
            }
        } catch {
            return Decision(isAllowed: false, problem: error.message)
        }
        let isAllowed = effect.allows(tally)
        return Decision(isAllowed: isAllowed, rule: rule ?? (isAllowed ? firstAllowing : nil))
    }

    /// Without any policy the matcher is asked once, with empty fields.
    private func matchesWithoutPolicies(_ evaluation: Evaluation) throws(EvaluationError) -> Bool {
        if whole.holdsRules { throw EvaluationError("eval needs a policy, and there is none") }
        return try isMatch(whole, evaluation, row: nil)
    }

    /// In the order of the policies.
    /// - Parameter goOn: false ends it.
    private func forEachMatch(
        _ evaluation: Evaluation, _ goOn: (PolicyTable.Row) -> Bool
    ) throws(EvaluationError) {
        var problem: EvaluationError?
        do throws(EvaluationError) {
            for alternative in unconditional where try isMatch(alternative, evaluation, row: nil) {
                for row in table.rows { guard goOn(row) else { return } }
                return
            }
        } catch {
            // Another alternative may allow, where nothing can take that back.
            guard effect == .allowOverride, indexes != nil else { throw error }
            problem = error
        }
        guard let indexes else {
            for (index, row) in table.rows.enumerated() where try isMatch(whole, evaluation, row: index) {
                guard goOn(row) else { return }
            }
            return
        }
        var found: [(row: Int, rest: Expression?)] = []
        for index in indexes {
            try index.find(evaluation.request, evaluation.roles, evaluation.symbols) { row in
                found.append((row, index.plan.rest))
            }
        }
        if found.count > 1 { found.sort { $0.row < $1.row } }
        var last = -1
        for (row, rest) in found where row != last {
            if let rest, !(try isMatch(rest, evaluation, row: row)) { continue }
            last = row
            guard goOn(table.rows[row]) else { return }
        }
        if let problem { throw problem }
    }

    private func isMatch(
        _ expression: Expression, _ evaluation: Evaluation, row: Int?
    ) throws(EvaluationError) -> Bool {
        let fields = row.map { table.rows[$0].rule.fields } ?? [String](repeating: "", count: table.fields.count)
        let value = try evaluation.value(of: expression, fields) { field throws(EvaluationError) in
            guard let row, let rule = rules[row]?[field] else { throw EvaluationError("a policy has no such rule") }
            return rule
        }
        guard let truth = value.numeric else {
            throw EvaluationError("the matcher gave \(value.typeName), not true or false")
        }
        return truth != 0
    }

    /// What policies hold in the fields that the matcher gives to `eval`.
    private static func rules(
        _ expression: Expression, _ table: PolicyTable, _ scope: Scope
    ) throws(SourceError) -> [Int: [Int: Expression]] {
        let fields = table.fields.indices.filter { field in
            expression.contains { if case .rule(field) = $0 { true } else { false } }
        }
        var rules: [Int: [Int: Expression]] = [:]
        for field in fields {
            for (index, row) in table.rows.enumerated() {
                do throws(SourceError) {
                    let rule = try ExpressionParser.parse(row.rule.fields[field], in: scope)
                    guard !rule.holdsRules else {
                        throw SourceError(line: 1, column: 1, "eval cannot be used in a rule")
                    }
                    rules[index, default: [:]][field] = rule
                } catch {
                    throw SourceError(
                        line: row.rule.line, column: 1,
                        "the rule \"\(row.rule.fields[field])\" is wrong at its character \(error.column): "
                            + error.message)
                }
            }
        }
        return rules
    }
}
