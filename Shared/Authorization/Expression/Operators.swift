extension Expression.Comparison {
    func holds(_ left: Value, _ right: Value) throws(EvaluationError) -> Bool {
        switch self {
        case .equal: left.equals(right)
        case .unequal: !left.equals(right)
        case .less: try precedes(left, right)
        case .greater: try precedes(right, left)
        case .lessOrEqual: try !precedes(right, left)
        case .greaterOrEqual: try !precedes(left, right)
        case .isIn: try isMember(left, right)
        case .isNotIn: try !isMember(left, right)
        }
    }

    private func precedes(_ left: Value, _ right: Value) throws(EvaluationError) -> Bool {
        if let left = left.numeric, let right = right.numeric { return left < right }
        guard case .string(let left) = left, case .string(let right) = right else {
            throw EvaluationError("\(left.typeName) and \(right.typeName) have no order")
        }
        return left.precedes(right)
    }

    private func isMember(_ element: Value, _ whole: Value) throws(EvaluationError) -> Bool {
        switch (element, whole) {
        case (_, .list(let elements)): return elements.contains { $0.equals(element) }
        case (.string(let name), .object(let attributes)): return attributes[name] != nil
        case (.string(let part), .string(let text)): return text.holds(part)
        case (_, .string), (_, .object), (_, .number), (_, .bool):
            throw EvaluationError("\(element.typeName) cannot be in \(whole.typeName)")
        }
    }
}

extension Expression.Arithmetic {
    func compute(_ left: Value, _ right: Value) throws(EvaluationError) -> Value {
        if self == .plus, case .string(let first) = left, case .string(let second) = right {
            return .string(first + second)
        }
        guard let first = left.numeric, let second = right.numeric else {
            throw EvaluationError("\(left.typeName) and \(right.typeName) cannot be computed with")
        }
        switch self {
        case .plus: return .number(first + second)
        case .minus: return .number(first - second)
        case .times: return .number(first * second)
        case .over, .remainder:
            guard second != 0 else { throw EvaluationError("nothing can be divided by zero") }
            if self == .over { return .number(first / second) }
            // As in Python, with the sign of the divisor.
            return .number(first - second * (first / second).rounded(.down))
        }
    }
}
