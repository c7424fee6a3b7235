/// A JSON value as Go's `encoding/json` holds it when nothing is known of its type: every number is a double, and of
/// two members with one name the later one counts.
indirect enum GoValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([GoValue])
    case object([String: GoValue])

    subscript(name: String) -> GoValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    /// The word for the type in Go's messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// Null counts as the zero value, as in Go.
    func string(_ field: String) throws(GoJSONError) -> String? {
        switch self {
        case .string(let text): return text
        case .null: return nil
        case .bool, .number, .array, .object: throw mismatch(field, "string")
        }
    }

    func array(_ field: String, of type: String) throws(GoJSONError) -> [GoValue] {
        switch self {
        case .array(let elements): return elements
        case .null: return []
        case .bool, .number, .string, .object: throw mismatch(field, type)
        }
    }

    func strings(_ field: String) throws(GoJSONError) -> [String: String] {
        switch self {
        case .object(let members):
            var strings: [String: String] = [:]
            for (name, value) in members { strings[name] = try value.string(field) ?? "" }
            return strings
        case .null: return [:]
        case .bool, .number, .string, .array: throw mismatch(field, "map[string]string")
        }
    }

    /// - Parameter field: `SetRequest.key`, or empty for the document itself.
    func mismatch(_ field: String, _ type: String) -> GoJSONError {
        let target = field.isEmpty ? "Go value" : "Go struct field \(field)"
        return GoJSONError(message: "json: cannot unmarshal \(kind) into \(target) of type \(type)")
    }
}

/// Why Go would not read a text, in its words.
struct GoJSONError: Error, Hashable {
    let message: String
}
