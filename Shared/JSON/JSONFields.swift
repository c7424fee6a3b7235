/// Why one field of a JSON document is not acceptable; `pointer` is a JSON pointer (RFC 6901).
public struct JSONFieldProblem: Error, Hashable, Sendable {
    public let pointer: String
    public let message: String

    public init(pointer: String, message: String) {
        self.pointer = pointer
        self.message = message
    }
}

/// Reads a JSON object field by field, and collects every problem instead of stopping at the first.
///
/// Whatever was not read by the time of `finish()` is an unknown field, and a problem too. Readers that fail return
/// a harmless value, so that the caller reads on; nothing may be used before `finish()` has returned.
public final class JSONFields {
    private let object: JSONObject
    private let pointer: String
    private var known: Set<String> = []
    var nested: [JSONFields] = []
    public private(set) var problems: [JSONFieldProblem] = []

    /// A value that is not an object is the first problem.
    public init(_ value: JSONValue, at pointer: String = "") {
        self.pointer = pointer
        if case .object(let object) = value {
            self.object = object
        } else {
            object = JSONObject()
            problems.append(JSONFieldProblem(pointer: pointer, message: "must be an object, not \(value.typeName)"))
        }
    }

    /// - Throws: every problem found, this object's and those inside it, in the order of the document's fields.
    public func finish() throws(JSONFieldProblems) {
        let all = collect()
        guard all.isEmpty else { throw JSONFieldProblems(problems: all) }
    }

    private func collect() -> [JSONFieldProblem] {
        let unknown = object.names.filter { !known.contains($0) }.map {
            JSONFieldProblem(pointer: path($0), message: "unknown field")
        }
        return problems + nested.flatMap { $0.collect() } + unknown
    }

    /// Adds a problem that the caller found.
    public func reject(_ name: String, _ message: String) {
        problems.append(JSONFieldProblem(pointer: path(name), message: message))
    }

    /// The field's value; nil if it is absent or null.
    public func optional(_ name: String) -> JSONValue? {
        known.insert(name)
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    /// Whether the field is there and null, for those that take null for a slip and not for absence.
    public func isNull(_ name: String) -> Bool { object[name]?.isNull == true }

    /// Text of 1 to `maximumLength` bytes without control characters (line breaks and tabs only where `multiline`).
    public func optionalString(_ name: String, maximumLength: Int, multiline: Bool = false) -> String? {
        guard let value = optional(name) else { return nil }
        guard let text = value.stringValue else {
            reject(name, "must be a string, not \(value.typeName)")
            return nil
        }
        if text.utf8.count > maximumLength {
            reject(name, "is \(text.utf8.count) bytes long; at most \(maximumLength) are allowed")
        } else if text.unicodeScalars.contains(where: { isForbidden($0, multiline: multiline) }) {
            reject(name, "must not hold control characters")
        } else {
            return text
        }
        return nil
    }

    public func string(_ name: String, maximumLength: Int, multiline: Bool = false) -> String {
        required(name) { optionalString(name, maximumLength: maximumLength, multiline: multiline) } ?? ""
    }

    public func optionalInteger(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let value = optional(name) else { return nil }
        guard let integer = value.integerValue else {
            reject(name, "must be an integer, not \(value.typeName)")
            return nil
        }
        guard range.contains(integer) else {
            reject(name, "must be from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return integer
    }

    public func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64 {
        required(name) { optionalInteger(name, in: range) } ?? range.lowerBound
    }

    public func optionalBool(_ name: String) -> Bool? {
        guard let value = optional(name) else { return nil }
        if value.boolValue == nil { reject(name, "must be true or false, not \(value.typeName)") }
        return value.boolValue
    }

    /// One of the raw values of `Choice`; the message lists them.
    public func optionalChoice<Choice>(_ name: String, _ type: Choice.Type = Choice.self) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = optionalString(name, maximumLength: 64) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            reject(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return choice
    }

    /// An object, to be read with fields of its own; its problems are found by this reader's `finish()`.
    public func optionalObject(_ name: String) -> JSONFields? {
        guard let value = optional(name) else { return nil }
        let fields = JSONFields(value, at: path(name))
        nested.append(fields)
        return fields
    }

    /// An object whose values are all strings (numbers too, if `acceptingNumbers`), such as labels and quantities.
    public func optionalStrings(
        _ name: String, maximumCount: Int, maximumLength: Int, acceptingNumbers: Bool = false
    ) -> [String: String]? {
        guard let value = optional(name) else { return nil }
        guard let members = value.objectValue else {
            reject(name, "must be an object, not \(value.typeName)")
            return nil
        }
        guard members.count <= maximumCount else {
            reject(name, "has \(members.count) members; at most \(maximumCount) are allowed")
            return nil
        }
        let fields = JSONFields(value, at: path(name))
        nested.append(fields)
        var result: [String: String] = [:]
        for (key, member) in members.members {
            if acceptingNumbers, case .integer(let integer) = member {
                fields.known.insert(key)
                result[key] = String(integer)
            } else if acceptingNumbers, case .number(let number) = member {
                fields.known.insert(key)
                result[key] = String(number)
            } else {
                result[key] = fields.string(key, maximumLength: maximumLength)
            }
        }
        return result
    }

    private func required<Value>(_ name: String, _ read: () -> Value?) -> Value? {
        let before = problems.count
        let value = read()
        if value == nil, problems.count == before { reject(name, "is required") }
        return value
    }

    func path(_ name: String) -> String {
        pointer + "/" + name.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
    }

    private func isForbidden(_ scalar: Unicode.Scalar, multiline: Bool) -> Bool {
        if multiline, scalar == "\n" || scalar == "\t" || scalar == "\r" { return false }
        return scalar.properties.generalCategory == .control
    }
}

/// Everything that is wrong with a document.
public struct JSONFieldProblems: Error, Hashable, Sendable {
    public let problems: [JSONFieldProblem]
}
