import JSON

/// One thing in full: a line for each of its fields, names aligned.
struct Details: Sendable {
    private var lines: [(name: String, value: String)] = []

    init() {}

    /// Leaves out a field that has no value.
    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        lines.append((name, value))
    }

    var text: String {
        let width = lines.map(\.name.count).max() ?? 0
        return lines.map { line in
            let indent = "\n" + String(repeating: " ", count: width + 3)
            let value = line.value.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: indent)
            return "\(line.name):\(String(repeating: " ", count: width - line.name.count + 2))\(value)\n"
        }.joined()
    }
}

extension JSONValue {
    /// A scalar as a cell of a table; empty for anything else.
    var cell: String {
        switch self {
        case .null, .array, .object: ""
        case .bool(let flag): flag ? "yes" : "no"
        case .integer(let integer): String(integer)
        case .number(let double): String(double)
        case .string(let text): text
        }
    }

    /// The member's scalar; empty if it is absent.
    func cell(_ name: String) -> String { self[name]?.cell ?? "" }

    /// `2026-11-21 08:05:11` of an RFC 3339 time.
    func timeCell(_ name: String) -> String {
        let text = cell(name)
        guard text.count >= 19 else { return text }
        return String(text.prefix(19)).split(separator: "T").joined(separator: " ")
    }

    /// `cpu 500m, memory 512Mi` of an object of scalars.
    func pairsCell(_ name: String) -> String {
        (self[name]?.objectValue?.members ?? []).map { "\($0.name) \($0.value.cell)" }.joined(separator: ", ")
    }
}
