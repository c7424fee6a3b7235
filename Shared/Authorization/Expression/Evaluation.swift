/// Why an expression has no value.
public struct EvaluationError: Error, Hashable, Sendable {
    public let message: String

    init(_ message: String) { self.message = message }
}

/// Computes expressions for one request.
struct Evaluation {
    let request: [Value]
    let roles: RoleGraphs
    let symbols: Symbols
    let patterns: PatternCache

    /// - Parameter rule: the expression of a rule in a field of the policy.
    func value(
        of expression: Expression, _ policy: [String], rule: (Int) throws(EvaluationError) -> Expression
    ) throws(EvaluationError) -> Value {
        switch expression {
        case .constant(let value): return value
        case .request(let field): return request[field]
        case .policy(let field): return .string(policy[field])
        case .attribute(let part, let name):
            return try attribute(name, of: try value(of: part, policy, rule: rule))
        case .not(let part): return .bool(!(try value(of: part, policy, rule: rule).isTruthy))
        case .negative(let part):
            let value = try value(of: part, policy, rule: rule)
            guard let number = value.numeric else { throw EvaluationError("\(value.typeName) has no negative") }
            return .number(-number)
        case .and(let parts): return try firstValue(parts, policy, rule) { !$0.isTruthy }
        case .or(let parts): return try firstValue(parts, policy, rule) { $0.isTruthy }
        case .comparison(let left, let steps): return .bool(try holds(left, steps, policy, rule))
        case .arithmetic(let operation, let left, let right):
            return try operation.compute(
                try value(of: left, policy, rule: rule), try value(of: right, policy, rule: rule))
        case .list(let parts): return .list(try values(of: parts, policy, rule))
        case .call(let function, let arguments):
            return try function.call(try strings(arguments, policy, rule, function.rawValue), patterns)
        case .inherits(let name, let arguments):
            let names = try strings(arguments, policy, rule, name)
            return .bool(
                roles.inherits(name, names[0], names[1], domain: names.count > 2 ? names[2] : "", symbols))
        case .rule(let field): return try value(of: try rule(field), policy, rule: rule)
        }
    }

    private typealias Rule = (Int) throws(EvaluationError) -> Expression

    /// The value of the first part that is like this, else of the last.
    private func firstValue(
        _ parts: [Expression], _ policy: [String], _ rule: Rule, _ isLike: (Value) -> Bool
    ) throws(EvaluationError) -> Value {
        for part in parts.dropLast() {
            let value = try value(of: part, policy, rule: rule)
            if isLike(value) { return value }
        }
        return try value(of: parts[parts.count - 1], policy, rule: rule)
    }

    private func values(of parts: [Expression], _ policy: [String], _ rule: Rule) throws(EvaluationError) -> [Value] {
        var values: [Value] = []
        for part in parts { values.append(try value(of: part, policy, rule: rule)) }
        return values
    }

    private func strings(
        _ parts: [Expression], _ policy: [String], _ rule: Rule, _ function: String
    ) throws(EvaluationError) -> [String] {
        var strings: [String] = []
        for part in parts {
            guard case .string(let text) = try value(of: part, policy, rule: rule) else {
                throw EvaluationError("\(function) takes strings")
            }
            strings.append(text)
        }
        return strings
    }

    private func attribute(_ name: String, of value: Value) throws(EvaluationError) -> Value {
        guard case .object(let attributes) = value, let attribute = attributes[name] else {
            throw EvaluationError("\(value.typeName) has no attribute \"\(name)\"")
        }
        return attribute
    }

    private func holds(
        _ first: Expression, _ steps: [Expression.Step], _ policy: [String], _ rule: Rule
    ) throws(EvaluationError) -> Bool {
        var left = try value(of: first, policy, rule: rule)
        for step in steps {
            let right = try value(of: step.right, policy, rule: rule)
            guard try step.comparison.holds(left, right) else { return false }
            left = right
        }
        return true
    }
}
