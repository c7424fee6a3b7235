/// Parses the matcher language.
///
/// Precedence from low to high: `||`, `&&`, `!`, comparisons and `in`, `+` and `-`, `*` `/` and `%`, the sign. As in
/// Casbin's Python `!a == b` means `!(a == b)`, and comparisons can be chained.
struct ExpressionParser {
    static let maximumBytes = 16 * 1024
    /// Of parentheses, signs and the like within one another.
    static let maximumDepth = 64

    private let tokens: [Lexer.Placed]
    private let end: Int
    private let scope: Scope
    private var index = 0
    private var depth = 0

    static func parse(_ text: String, in scope: Scope) throws(SourceError) -> Expression {
        guard text.utf8.count <= maximumBytes else {
            throw SourceError(line: 1, column: 1, "is longer than \(maximumBytes) bytes")
        }
        var parser = ExpressionParser(
            tokens: try Lexer.tokens(text), end: text.unicodeScalars.count + 1, scope: scope)
        let expression = try parser.disjunction()
        if parser.index < parser.tokens.count { throw parser.error("does not belong there") }
        return expression
    }

    private init(tokens: [Lexer.Placed], end: Int, scope: Scope) {
        self.tokens = tokens
        self.end = end
        self.scope = scope
    }

    // MARK: Tokens

    private var next: Token? { index < tokens.count ? tokens[index].token : nil }

    private mutating func take(_ symbol: Token.Symbol) -> Bool {
        guard next == .symbol(symbol) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ symbol: Token.Symbol, _ message: String) throws(SourceError) {
        guard take(symbol) else { throw error(message) }
    }

    private func error(_ message: String) -> SourceError {
        guard index < tokens.count else { return SourceError(line: 1, column: end, "ends too early: \(message)") }
        let shown =
            switch tokens[index].token {
            case .name(let name): "\"\(name)\""
            case .string(let text): "\"\(text)\""
            case .number(let number): "\(number)"
            case .symbol(let symbol): "\"\(symbol.rawValue)\""
            }
        return SourceError(line: 1, column: tokens[index].column, "\(shown) \(message)")
    }

    /// Bounds what is parsed within itself, and with it the stack.
    private mutating func nested(
        _ parse: (inout Self) throws(SourceError) -> Expression
    ) throws(SourceError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("is nested too deeply") }
        return try parse(&self)
    }

    // MARK: Operators

    private mutating func disjunction() throws(SourceError) -> Expression {
        try nested { parser throws(SourceError) in
            var parts = [try parser.conjunction()]
            while parser.take(.or) { parts.append(try parser.conjunction()) }
            return parts.count == 1 ? parts[0] : .or(parts)
        }
    }

    private mutating func conjunction() throws(SourceError) -> Expression {
        var parts = [try negation()]
        while take(.and) { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func negation() throws(SourceError) -> Expression {
        guard take(.not) else { return try comparison() }
        return try nested { parser throws(SourceError) in .not(try parser.negation()) }
    }

    private mutating func comparison() throws(SourceError) -> Expression {
        let left = try sum()
        var steps: [Expression.Step] = []
        while let comparison = try takeComparison() {
            steps.append(Expression.Step(comparison: comparison, right: try sum()))
        }
        return steps.isEmpty ? left : .comparison(left, steps)
    }

    private mutating func takeComparison() throws(SourceError) -> Expression.Comparison? {
        let comparison: Expression.Comparison
        switch next {
        case .symbol(.equal): comparison = .equal
        case .symbol(.unequal): comparison = .unequal
        case .symbol(.less): comparison = .less
        case .symbol(.lessOrEqual): comparison = .lessOrEqual
        case .symbol(.greater): comparison = .greater
        case .symbol(.greaterOrEqual): comparison = .greaterOrEqual
        case .symbol(.in): comparison = .isIn
        case .symbol(.not):
            index += 1
            guard next == .symbol(.in) else { throw error("does not follow \"not\" here, \"in\" does") }
            comparison = .isNotIn
        default: return nil
        }
        index += 1
        return comparison
    }

    private mutating func sum() throws(SourceError) -> Expression {
        var left = try product()
        while true {
            if take(.plus) {
                left = .arithmetic(.plus, left, try product())
            } else if take(.minus) {
                left = .arithmetic(.minus, left, try product())
            } else {
                return left
            }
        }
    }

    private mutating func product() throws(SourceError) -> Expression {
        var left = try sign()
        while true {
            if take(.times) {
                left = .arithmetic(.times, left, try sign())
            } else if take(.over) {
                left = .arithmetic(.over, left, try sign())
            } else if take(.remainder) {
                left = .arithmetic(.remainder, left, try sign())
            } else {
                return left
            }
        }
    }

    private mutating func sign() throws(SourceError) -> Expression {
        guard take(.minus) else { return try operand() }
        return try nested { parser throws(SourceError) in .negative(try parser.sign()) }
    }

    // MARK: Operands

    private mutating func operand() throws(SourceError) -> Expression {
        var expression = try primary()
        while take(.dot) {
            guard case .name(let name) = next else { throw error("is no attribute's name") }
            index += 1
            expression = .attribute(expression, name)
        }
        return expression
    }

    private mutating func primary() throws(SourceError) -> Expression {
        switch next {
        case .string(let text):
            index += 1
            return .constant(.string(text))
        case .number(let number):
            index += 1
            return .constant(.number(number))
        case .name(let name): return try named(name)
        case .symbol(.open):
            index += 1
            return try parenthesized()
        case .symbol(.openList):
            index += 1
            return .list(try arguments(upTo: .closeList))
        case .symbol, nil: throw error("is no value")
        }
    }

    /// One value, or a list of several.
    private mutating func parenthesized() throws(SourceError) -> Expression {
        let first = try disjunction()
        if take(.close) { return first }
        try expect(.comma, "where \")\" should be")
        return .list([first] + (try arguments(upTo: .close)))
    }

    private mutating func arguments(upTo close: Token.Symbol) throws(SourceError) -> [Expression] {
        var arguments: [Expression] = []
        while !take(close) {
            arguments.append(try disjunction())
            if take(close) { break }
            try expect(.comma, "where \",\" or \"\(close.rawValue)\" should be")
        }
        return arguments
    }

    private mutating func named(_ name: String) throws(SourceError) -> Expression {
        let start = index
        index += 1
        if take(.open) { return try call(name, start) }
        if name == "true" || name == "True" { return .constant(.bool(true)) }
        if name == "false" || name == "False" { return .constant(.bool(false)) }
        if name == scope.requestName || name == scope.policyName, take(.dot), case .name(let field) = next {
            guard let found = scope.field(name, field) else {
                throw error("is no field of \(name); known are \(scope.knownNames)")
            }
            index += 1
            return found
        }
        guard let found = scope.joined(name) else {
            index = start
            throw error("is not known; known are \(scope.knownNames)")
        }
        return found
    }

    private mutating func call(_ name: String, _ start: Int) throws(SourceError) -> Expression {
        let arguments = try arguments(upTo: .close)
        if name == "eval" {
            guard arguments.count == 1, case .policy(let field) = arguments[0] else {
                index = start
                throw error("takes one field of the policy, as in eval(\(scope.policyName).rule)")
            }
            return .rule(field)
        }
        if let count = scope.roles[name] {
            guard arguments.count == count || arguments.count == 2 else {
                index = start
                throw error("takes \(count) arguments, not \(arguments.count)")
            }
            return .inherits(name, arguments)
        }
        guard let function = BuiltInFunction(rawValue: name) else {
            index = start
            let known = BuiltInFunction.allCases.map(\.rawValue) + scope.roles.keys.sorted() + ["eval"]
            throw error("is no function; there are \(known.joined(separator: ", "))")
        }
        guard arguments.count == function.argumentCount else {
            index = start
            throw error("takes \(function.argumentCount) arguments, not \(arguments.count)")
        }
        return .call(function, arguments)
    }
}
