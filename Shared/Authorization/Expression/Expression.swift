/// A matcher, or the rule of a policy, with every name resolved.
indirect enum Expression: Sendable {
    case constant(Value)
    /// A field of the request.
    case request(Int)
    /// A field of the policy.
    case policy(Int)
    case attribute(Expression, String)
    case not(Expression)
    case negative(Expression)
    /// The value of the first that is not true, else of the last.
    case and([Expression])
    /// The value of the first that is true, else of the last.
    case or([Expression])
    /// `a < b < c` holds if both do.
    case comparison(Expression, [Step])
    case arithmetic(Arithmetic, Expression, Expression)
    case list([Expression])
    case call(BuiltInFunction, [Expression])
    /// Whether the first inherits the second; by the role definition's name.
    case inherits(String, [Expression])
    /// The rule that a field of the policy holds.
    case rule(Int)

    struct Step: Sendable {
        let comparison: Comparison
        let right: Expression
    }

    enum Comparison: Hashable, Sendable {
        case equal, unequal, less, lessOrEqual, greater, greaterOrEqual, isIn, isNotIn
    }

    enum Arithmetic: Hashable, Sendable {
        case plus, minus, times, over, remainder
    }

    /// Direct parts.
    var parts: [Expression] {
        switch self {
        case .constant, .request, .policy, .rule: []
        case .attribute(let part, _), .not(let part), .negative(let part): [part]
        case .and(let parts), .or(let parts), .list(let parts), .call(_, let parts), .inherits(_, let parts): parts
        case .comparison(let left, let steps): [left] + steps.map(\.right)
        case .arithmetic(_, let left, let right): [left, right]
        }
    }

    /// Whether any part of it, or itself, is like this.
    func contains(_ isLike: (Expression) -> Bool) -> Bool { isLike(self) || parts.contains { $0.contains(isLike) } }

    var dependsOnPolicy: Bool {
        contains { part in
            switch part {
            case .policy, .rule: true
            default: false
            }
        }
    }

    var holdsRules: Bool {
        contains { part in
            if case .rule = part { true } else { false }
        }
    }
}
