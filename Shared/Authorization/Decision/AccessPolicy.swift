/// A model with its policies: decides who may do what. Immutable, and made anew for each change.
///
/// A decision looks up the policies that can apply by the fields that the matcher compares, so that its cost does not
/// grow with all the others. Whatever cannot be decided is not allowed.
public final class AccessPolicy: Sendable {
    private let model: AccessModel
    private let matchers: [AccessModel.Context: CompiledMatcher]
    private let roles: RoleGraphs
    private let symbols: Symbols
    private let patterns = PatternCache()

    /// - Throws: which line of the policies is wrong, and how.
    public init(
        _ model: AccessModel, _ policies: PolicyFile, rolePatterns: RolePatterns = RolePatterns()
    ) throws(SourceError) {
        self.model = model
        for rule in policies.rules where model.policies[rule.kind] == nil && model.roles[rule.kind] == nil {
            let known = (model.policies.keys.sorted() + model.roles.keys.sorted()).joined(separator: ", ")
            throw SourceError(
                line: rule.line, column: 1, "the model defines no \"\(rule.kind)\"; it defines \(known)")
        }
        var symbols = Symbols()
        _ = symbols.add("")
        var roles = RoleGraphs(patterns: rolePatterns, cache: patterns)
        for rule in policies.rules {
            guard let role = model.roles[rule.kind] else { continue }
            guard rule.fields.count >= role.fieldCount else {
                throw SourceError(
                    line: rule.line, column: 1,
                    "a rule \(rule.kind) has \(role.fieldCount) fields, not \(rule.fields.count)")
            }
            roles.add(
                rule.kind, symbols.add(rule.fields[0]), inherits: symbols.add(rule.fields[1]),
                domain: symbols.add(role.fieldCount > 2 ? rule.fields[2] : ""))
        }
        var matchers: [AccessModel.Context: CompiledMatcher] = [:]
        for context in model.contexts {
            matchers[context] = try Self.matcher(model, context, policies, roles, &symbols)
        }
        self.matchers = matchers
        self.roles = roles
        self.symbols = symbols
    }

    private static func matcher(
        _ model: AccessModel, _ context: AccessModel.Context, _ policies: PolicyFile, _ roles: RoleGraphs,
        _ symbols: inout Symbols
    ) throws(SourceError) -> CompiledMatcher? {
        let name = "p" + context.suffix
        guard let fields = model.policies[name], let matcher = model.matchers["m" + context.suffix],
            let effect = model.effects["e" + context.suffix], let scope = model.scope(context)
        else { return nil }
        var table = try PolicyTable(name, fields: fields, rules: policies.rules)
        if effect == .subjectPriority {
            let levels = try SubjectLevels(policies.rules.filter { $0.kind == "g" })
            table.sort(bySubjectLevels: levels.level)
        }
        return try CompiledMatcher(matcher.expression, table, effect, scope: scope, roles, &symbols)
    }

    /// Decides about a request of names only.
    public func decide(_ request: [String], in context: AccessModel.Context = .main) -> Decision {
        decide(request.map(Value.string), in: context)
    }

    /// - Parameter request: as many values as the model's request has fields.
    public func decide(_ request: [Value], in context: AccessModel.Context = .main) -> Decision {
        guard let matcher = matchers[context], let fields = model.requests["r" + context.suffix] else {
            return Decision(isAllowed: false, problem: "the model has no complete definition m\(context.suffix)")
        }
        guard request.count == fields.count else {
            return Decision(
                isAllowed: false,
                problem:
                    "a request has \(fields.count) fields (\(fields.joined(separator: ", "))), not \(request.count)")
        }
        return matcher.decide(Evaluation(request: request, roles: roles, symbols: symbols, patterns: patterns))
    }

    /// The roles that a name inherits, itself first, nearest first.
    public func roles(of name: String, definition: String = "g", domain: String = "") -> [String] {
        guard let name = symbols[name] else { return [] }
        return roles.inherited(definition, by: name, domain: symbols[domain]).map { symbols[$0] }
    }
}

extension AccessModel {
    /// The names that the matcher and the rules of a context may use.
    func scope(_ context: Context) -> Scope? {
        guard let request = requests["r" + context.suffix], let policy = policies["p" + context.suffix] else {
            return nil
        }
        return Scope(
            requestName: "r" + context.suffix, requestFields: request, policyName: "p" + context.suffix,
            policyFields: policy, roles: roles.mapValues(\.fieldCount))
    }
}
