/// How the policies that one alternative of a matcher may apply to are found: by what must be equal to a field of the
/// request, or be inherited by one.
struct IndexPlan: Sendable {
    struct Equality: Hashable, Sendable {
        let request: Int
        let policy: Int
    }

    struct Inheritance: Sendable {
        let definition: String
        let request: Int
        let policy: Int
        /// Of the request; nil without domains.
        let domain: Int?
    }

    /// Fields of a policy that a key is made of, at most. What is beyond is evaluated.
    static let maximumFields = 4

    private(set) var equalities: [Equality] = []
    private(set) var inheritance: Inheritance?
    /// What is left to be evaluated for each policy that is found; nil if nothing is.
    let rest: Expression?

    /// Nil if nothing of it can be looked up.
    init?(_ alternative: Expression, isEnumerable: (String) -> Bool) {
        let conjuncts: [Expression] = if case .and(let parts) = alternative { parts } else { [alternative] }
        for conjunct in conjuncts {
            guard let equality = Self.equality(conjunct), equalities.count < Self.maximumFields - 1 else { continue }
            equalities.append(equality)
        }
        var rest: [Expression] = []
        var left = equalities
        for conjunct in conjuncts {
            if let equality = Self.equality(conjunct), left.first == equality {
                left.removeFirst()
            } else if inheritance == nil,
                let found = Self.inheritance(conjunct, equalities), isEnumerable(found.definition)
            {
                inheritance = found
            } else {
                rest.append(conjunct)
            }
        }
        guard !equalities.isEmpty || inheritance != nil else { return nil }
        self.rest = rest.isEmpty ? nil : rest.count == 1 ? rest[0] : .and(rest)
    }

    private static func equality(_ expression: Expression) -> Equality? {
        guard case .comparison(let left, let steps) = expression, steps.count == 1, steps[0].comparison == .equal else {
            return nil
        }
        switch (left, steps[0].right) {
        case (.request(let request), .policy(let policy)), (.policy(let policy), .request(let request)):
            return Equality(request: request, policy: policy)
        default: return nil
        }
    }

    private static func inheritance(_ expression: Expression, _ equalities: [Equality]) -> Inheritance? {
        guard case .inherits(let definition, let arguments) = expression, case .request(let request) = arguments[0],
            case .policy(let policy) = arguments[1]
        else { return nil }
        guard arguments.count > 2 else {
            return Inheritance(definition: definition, request: request, policy: policy, domain: nil)
        }
        let domain: Int
        switch arguments[2] {
        case .request(let field): domain = field
        case .policy(let field):
            // The policy's domain is known if it must be the request's.
            guard let equality = equalities.first(where: { $0.policy == field }) else { return nil }
            domain = equality.request
        default: return nil
        }
        return Inheritance(definition: definition, request: request, policy: policy, domain: domain)
    }
}
