/// What an expression is about: fields of requests and policies, and what is made of them.
public enum Value: Sendable {
    case string(String)
    case number(Double)
    case bool(Bool)
    case list([Value])
    /// Attributes by name, for requests that say more of a subject or an object than its name.
    case object([String: Value])

    var typeName: String {
        switch self {
        case .string: "a string"
        case .number: "a number"
        case .bool: "true or false"
        case .list: "a list"
        case .object: "an object"
        }
    }

    /// Whether it counts as true: what is not empty and not zero.
    var isTruthy: Bool {
        switch self {
        case .string(let text): !text.isEmpty
        case .number(let number): number != 0
        case .bool(let value): value
        case .list(let elements): !elements.isEmpty
        case .object(let attributes): !attributes.isEmpty
        }
    }

    /// Truth counts as one, as in Casbin's Python.
    var numeric: Double? {
        switch self {
        case .number(let number): number
        case .bool(let value): value ? 1 : 0
        case .string, .list, .object: nil
        }
    }

    /// Values of different types are different. Strings are equal if their bytes are: never by how they look.
    func equals(_ other: Value) -> Bool {
        if let left = numeric, let right = other.numeric { return left == right }
        return switch (self, other) {
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.list(let left), .list(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.equals($1) }
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { name, value in right[name]?.equals(value) ?? false }
        default: false
        }
    }
}
