/// The lines of a policy file: `p, alice, data1, read` and `g, alice, admin`.
///
/// Fields are separated by commas, without the white space around them. Commas between parentheses or brackets belong
/// to the field; so does everything between double quotes at a field's begin and end, where `""` is one quote. Lines
/// that begin with `#` are comments; what looks like one behind a policy is part of its last field.
public struct PolicyFile: Hashable, Sendable {
    public struct Rule: Hashable, Sendable {
        /// `p`, `p2`, `g`.
        public let kind: String
        public let fields: [String]
        /// In the file, from 1.
        public let line: Int

        public init(kind: String, fields: [String], line: Int = 0) {
            self.kind = kind
            self.fields = fields
            self.line = line
        }
    }

    public static let maximumBytes = 64 << 20
    public static let maximumLineBytes = 16 * 1024

    public let rules: [Rule]

    public init(_ rules: [Rule]) { self.rules = rules }

    public init(parsing text: String) throws(SourceError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw SourceError(line: 1, column: 1, "is larger than \(Self.maximumBytes) bytes")
        }
        var rules: [Rule] = []
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard line.count <= Self.maximumLineBytes else {
                throw SourceError(line: number, column: 1, "is longer than \(Self.maximumLineBytes) bytes")
            }
            let text = Substring(line).trimmingWhitespace
            if text.isEmpty || text.hasPrefix("#") { continue }
            var fields = try CSVLine.fields(text, number)
            let kind = fields.removeFirst()
            rules.append(Rule(kind: kind, fields: fields, line: number))
        }
        self.rules = rules
    }
}
