/// The sections and definitions of a model file, not yet understood.
///
/// Lines that begin with `#` or `;` are comments. A backslash at a line's end goes on with the next line.
struct ModelFile: Sendable {
    struct Definition: Sendable {
        let section: String
        let name: String
        let value: String
        let line: Int
        /// Where the value begins.
        let column: Int
    }

    static let maximumBytes = 1 << 20

    private(set) var definitions: [Definition] = []
    private var section: String?
    /// A definition whose lines are being put together.
    private var pending: (text: String, line: Int, indent: Int)?

    init(_ text: String) throws(SourceError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw SourceError(line: 1, column: 1, "is larger than \(Self.maximumBytes) bytes")
        }
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            try read(line, index + 1)
        }
        try finishPending()
    }

    private mutating func read(_ raw: Substring, _ number: Int) throws(SourceError) {
        let indent = raw.prefix(while: \.isWhitespace).count
        let line = raw.trimmingWhitespace
        if line.isEmpty || line.first == "#" || line.first == ";" { return try finishPending() }
        if line.first == "[", line.last == "]" {
            try finishPending()
            let name = String(line.dropFirst().dropLast()).trimmingWhitespace
            guard AccessModelParser.sections[String(name)] != nil else {
                throw SourceError(
                    line: number, column: indent + 1,
                    "there is no section [\(name)]; there are "
                        + AccessModelParser.sections.keys.sorted().map { "[\($0)]" }.joined(separator: ", "))
            }
            section = String(name)
            return
        }
        let goesOn = line.last == "\\"
        let part = goesOn ? line.dropLast().trimmingWhitespace + " " : String(line)
        pending = (((pending?.text ?? "") + part), pending?.line ?? number, pending?.indent ?? indent)
        if !goesOn { try finishPending() }
    }

    private mutating func finishPending() throws(SourceError) {
        guard let (text, line, indent) = pending else { return }
        pending = nil
        guard let section else {
            throw SourceError(line: line, column: indent + 1, "comes before any section such as [matchers]")
        }
        guard let equals = text.firstIndex(of: "=") else {
            throw SourceError(line: line, column: indent + 1, "must be a definition such as m = r.sub == p.sub")
        }
        let name = String(text[..<equals].trimmingWhitespace)
        let after = text[text.index(after: equals)...]
        let value = String(after.trimmingWhitespace)
        let offset =
            text.distance(from: text.startIndex, to: after.startIndex) + after.prefix(while: \.isWhitespace).count
        let column = indent + offset + 1
        guard !value.isEmpty else { throw SourceError(line: line, column: column, "\(name) is defined as nothing") }
        guard !definitions.contains(where: { $0.section == section && $0.name == name }) else {
            throw SourceError(line: line, column: indent + 1, "\(name) is defined twice")
        }
        definitions.append(Definition(section: section, name: name, value: value, line: line, column: column))
    }
}

extension StringProtocol {
    var trimmingWhitespace: String {
        let start = drop(while: \.isWhitespace)
        return String(
            start[..<(start.lastIndex { !$0.isWhitespace }.map { start.index(after: $0) } ?? start.startIndex)])
    }
}
