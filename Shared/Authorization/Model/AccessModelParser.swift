/// Understands a model file.
struct AccessModelParser {
    /// The letter that the names of each section's definitions begin with.
    static let sections: [String: Character] = [
        "request_definition": "r", "policy_definition": "p", "role_definition": "g", "policy_effect": "e",
        "matchers": "m",
    ]
    static let maximumFields = 32

    private let file: ModelFile

    init(_ text: String) throws(SourceError) { file = try ModelFile(text) }

    func parse() throws(SourceError) -> AccessModel {
        var requests: [String: [String]] = [:]
        var policies: [String: [String]] = [:]
        var roles: [String: AccessModel.Role] = [:]
        var effects: [String: PolicyEffect] = [:]
        for definition in file.definitions {
            try checkName(definition)
            switch definition.section {
            case "request_definition": requests[definition.name] = try fields(definition)
            case "policy_definition": policies[definition.name] = try fields(definition)
            case "role_definition": roles[definition.name] = try role(definition)
            case "policy_effect": effects[definition.name] = try effect(definition)
            // Matchers come when all the names that they may use are known.
            default: continue
            }
        }
        for (section, letter) in Self.sections where letter != "g" {
            guard file.definitions.contains(where: { $0.name == String(letter) }) else {
                throw SourceError(line: 1, column: 1, "[\(section)] has no definition of \(letter)")
            }
        }
        let model = AccessModel(
            requests: requests, policies: policies, roles: roles, effects: effects, matchers: [:])
        var matchers: [String: AccessModel.Matcher] = [:]
        for definition in file.definitions where definition.name.first == "m" {
            let context = AccessModel.Context(suffix: String(definition.name.dropFirst()))
            guard let scope = model.scope(context), effects["e" + context.suffix] != nil else {
                let missing = ["r", "p", "e"].map { $0 + context.suffix }.joined(separator: ", ")
                throw SourceError(
                    line: definition.line, column: 1, "\(definition.name) needs definitions of \(missing)")
            }
            matchers[definition.name] = try matcher(definition, scope)
        }
        return AccessModel(requests: requests, policies: policies, roles: roles, effects: effects, matchers: matchers)
    }

    private func checkName(_ definition: ModelFile.Definition) throws(SourceError) {
        let letter = Self.sections[definition.section] ?? " "
        let name = definition.name
        let number = name.dropFirst()
        guard name.first == letter,
            number.isEmpty || Int(number).map({ $0 > 1 && String($0) == number }) == true
        else {
            throw SourceError(
                line: definition.line, column: 1,
                "definitions of [\(definition.section)] are named \(letter), \(letter)2 and so on, not \(name)")
        }
    }

    private func fields(_ definition: ModelFile.Definition) throws(SourceError) -> [String] {
        let names = definition.value.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmingWhitespace)
        guard names.count <= Self.maximumFields, names.allSatisfy(Token.isName), Set(names).count == names.count else {
            throw SourceError(
                line: definition.line, column: definition.column,
                "must be at most \(Self.maximumFields) names of fields, all different, such as sub, obj, act")
        }
        return names
    }

    private func role(_ definition: ModelFile.Definition) throws(SourceError) -> AccessModel.Role {
        let fields = definition.value.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmingWhitespace)
        guard (2...3).contains(fields.count), fields.allSatisfy({ $0 == "_" }) else {
            throw SourceError(
                line: definition.line, column: definition.column, "must be _, _ or, with domains, _, _, _")
        }
        return AccessModel.Role(fieldCount: fields.count)
    }

    private func effect(_ definition: ModelFile.Definition) throws(SourceError) -> PolicyEffect {
        let text = definition.value.prefix { $0 != "#" }
        guard let effect = PolicyEffect(String(text)) else {
            throw SourceError(
                line: definition.line, column: definition.column,
                "must be one of: " + PolicyEffect.allCases.map(\.text).joined(separator: "; "))
        }
        return effect
    }

    private func matcher(
        _ definition: ModelFile.Definition, _ scope: Scope
    ) throws(SourceError) -> AccessModel.Matcher {
        do throws(SourceError) {
            let text = String(definition.value.prefix { $0 != "#" })
            return AccessModel.Matcher(expression: try ExpressionParser.parse(text, in: scope))
        } catch {
            throw error.moved(toLine: definition.line, column: definition.column)
        }
    }
}

extension AccessModel {
    /// Reads a model file.
    /// - Throws: where it is wrong, and how.
    public init(parsing text: String) throws(SourceError) { self = try AccessModelParser(text).parse() }
}
