/// Cuts a line into its fields.
public struct CSVLine {
    private let scalars: [Unicode.Scalar]
    private let line: Int
    private var index = 0

    private init(_ text: String, _ line: Int) {
        scalars = Array(text.unicodeScalars)
        self.line = line
    }

    /// - Parameter line: its number, for errors.
    public static func fields(_ text: String, _ line: Int) throws(SourceError) -> [String] {
        var reader = CSVLine(text, line)
        var fields: [String] = []
        while true {
            fields.append(try reader.field())
            guard reader.index < reader.scalars.count else { return fields }
            reader.index += 1
        }
    }

    /// Up to the comma behind it, or the end.
    private mutating func field() throws(SourceError) -> String {
        while index < scalars.count, scalars[index] != ",", scalars[index].properties.isWhitespace { index += 1 }
        if index < scalars.count, scalars[index] == "\"" { return try quoted() }
        let start = index
        var open: [(closing: Unicode.Scalar, index: Int)] = []
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar == ",", open.isEmpty { return text(start) }
            if scalar == "(" { open.append((")", index)) }
            if scalar == "[" { open.append(("]", index)) }
            if scalar == ")" || scalar == "]" {
                guard open.popLast()?.closing == scalar else { throw error(index, "\"\(scalar)\" closes nothing") }
            }
            index += 1
        }
        if let unclosed = open.last { throw error(unclosed.index, "\"\(scalars[unclosed.index])\" is not closed") }
        return text(start)
    }

    private func text(_ start: Int) -> String {
        String(String.UnicodeScalarView(scalars[start..<index])).trimmingWhitespace
    }

    private mutating func quoted() throws(SourceError) -> String {
        let start = index
        var text = String.UnicodeScalarView()
        index += 1
        while index < scalars.count {
            if scalars[index] != "\"" {
                text.append(scalars[index])
            } else if index + 1 < scalars.count, scalars[index + 1] == "\"" {
                text.append("\"")
                index += 1
            } else {
                index += 1
                while index < scalars.count, scalars[index].properties.isWhitespace { index += 1 }
                guard index == scalars.count || scalars[index] == "," else {
                    throw error(index, "follows a quoted field, where only a comma may")
                }
                return String(text)
            }
            index += 1
        }
        throw error(start, "the quotes are not closed")
    }

    private func error(_ index: Int, _ message: String) -> SourceError {
        SourceError(line: line, column: index + 1, message)
    }
}
