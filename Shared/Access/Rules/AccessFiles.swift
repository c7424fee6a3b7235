import Authorization

/// The model and the policies that a process reads at its start.
public struct AccessFiles: Sendable {
    public enum File: String, Hashable, Sendable { case model, policy }

    /// What is wrong with one of the two.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public let file: File
        public let error: SourceError

        public var description: String { "the access \(file.rawValue), \(error)" }
    }

    /// What a decision is about, in this order.
    static let requestFields = ["sub", "obj", "act"]
    /// What a policy may say; the last of them may be missing.
    static let policyFields = ["sub", "obj", "act", "eft"]

    let model: AccessModel
    public let rules: [AccessRule]

    /// - Parameters:
    ///   - model: a PERM model whose requests are `sub, obj, act`, and whose policies are these, with or without `eft`.
    ///   - policy: lines such as `p, role:admin, *, *, allow` and `g, admin, role:admin`.
    public init(model: String, policy: String) throws(Failure) {
        do throws(SourceError) {
            self.model = try AccessModel(parsing: model)
            try Self.check(self.model)
        } catch {
            throw Failure(file: .model, error: error)
        }
        do throws(SourceError) {
            let file = try PolicyFile(parsing: policy)
            // Tells what does not fit the model, by the lines of the file.
            _ = try AccessPolicy(self.model, file)
            let fields = self.model.policyFields
            rules = try file.rules.map { rule throws(SourceError) in try Self.rule(rule, fields) }
        } catch {
            throw Failure(file: .policy, error: error)
        }
    }

    private static func check(_ model: AccessModel) throws(SourceError) {
        guard model.requestFields == requestFields else {
            throw SourceError(
                line: 1, column: 1, "r must be \(requestFields.joined(separator: ", ")), which is what is asked here")
        }
        let fields = model.policyFields
        guard Set(fields).isSubset(of: policyFields), Set(requestFields).isSubset(of: fields) else {
            throw SourceError(
                line: 1, column: 1,
                "p must be \(requestFields.joined(separator: ", ")), with or without eft, which is what the API takes")
        }
    }

    private static func rule(_ rule: PolicyFile.Rule, _ fields: [String]) throws(SourceError) -> AccessRule {
        switch rule.kind {
        case "p":
            let values = Dictionary(zip(fields, rule.fields), uniquingKeysWith: { first, _ in first })
            guard let effect = PolicyEntry.Effect(rawValue: values["eft"] ?? "allow") else {
                throw SourceError(
                    line: rule.line, column: 1, "the effect \"\(values["eft"] ?? "")\" is neither allow nor deny")
            }
            let entry = PolicyEntry(
                subject: values["sub"] ?? "", object: values["obj"] ?? "", action: values["act"] ?? "", effect: effect)
            return AccessRule(.policy(entry), line: rule.line)
        case "g":
            return AccessRule(
                .binding(RoleBindingEntry(subject: rule.fields[0], role: rule.fields[1])), line: rule.line)
        default:
            throw SourceError(line: rule.line, column: 1, "only rules p and g decide here, not \(rule.kind)")
        }
    }

    /// The rule as the engine takes it; nil for what decides nothing by itself, and for what the model cannot say.
    /// - Parameter number: comes back with the decisions that the rule makes.
    func line(of rule: AccessRule, number: Int) -> PolicyFile.Rule? {
        switch rule.content {
        case .policy(let entry):
            guard canSay(entry) else { return nil }
            let fields = model.policyFields.map { field in
                switch field {
                case "sub": entry.subject
                case "obj": entry.object
                case "act": entry.action
                default: entry.effect.rawValue
                }
            }
            return PolicyFile.Rule(kind: "p", fields: fields, line: number)
        case .binding(let entry):
            return PolicyFile.Rule(kind: "g", fields: [entry.subject, entry.role], line: number)
        case .role, .apiKey: return nil
        }
    }

    /// Where policies have no effect, they only allow.
    func canSay(_ entry: PolicyEntry) -> Bool { entry.effect == .allow || model.policyFields.contains("eft") }
}
