/// The policies of one definition, in the order in which they are looked at.
struct PolicyTable: Sendable {
    struct Row: Sendable {
        let rule: PolicyFile.Rule
        let verdict: PolicyEffect.Verdict
    }

    let fields: [String]
    private(set) var rows: [Row] = []

    /// - Throws: `SourceError` if a policy has other fields than its definition.
    init(_ definition: String, fields: [String], rules: [PolicyFile.Rule]) throws(SourceError) {
        self.fields = fields
        let effect = fields.firstIndex(of: "eft")
        for rule in rules where rule.kind == definition {
            guard rule.fields.count == fields.count else {
                throw SourceError(
                    line: rule.line, column: 1,
                    "a policy \(definition) has \(fields.count) fields (\(fields.joined(separator: ", "))), not "
                        + "\(rule.fields.count)")
            }
            rows.append(Row(rule: rule, verdict: effect.map { .init(rule.fields[$0]) } ?? .allow))
        }
        if let priority = fields.firstIndex(of: "priority") { try sort(byPriority: priority) }
    }

    private mutating func sort(byPriority field: Int) throws(SourceError) {
        var keyed: [(key: Int, row: Row)] = []
        for row in rows {
            guard let key = Int(row.rule.fields[field]), key >= 0 else {
                throw SourceError(
                    line: row.rule.line, column: 1,
                    "the priority \"\(row.rule.fields[field])\" must be a whole number from 0")
            }
            keyed.append((key, row))
        }
        // Stable: of equals the first stays the first.
        rows = keyed.enumerated().sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }.map(
            \.element.row)
    }

    /// Policies of subjects that nobody inherits come first, then those of the ones they inherit, and so on.
    ///
    /// - Parameter levels: by domain and subject; what is not in it is 0.
    mutating func sort(bySubjectLevels levels: (_ subject: String, _ domain: String) -> Int) {
        let domain = fields.firstIndex(of: "dom")
        let keyed = rows.enumerated().map { offset, row in
            (level: levels(row.rule.fields[0], domain.map { row.rule.fields[$0] } ?? ""), offset: offset, row: row)
        }
        rows = keyed.sorted { ($0.level, $0.offset) < ($1.level, $1.offset) }.map(\.row)
    }
}
