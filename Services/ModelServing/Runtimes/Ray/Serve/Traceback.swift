/// Shortens what Python says of an error to what tells a person something.
///
/// Ray hands on whole tracebacks, several deep, with the colours of a terminal. What was raised last stands at the end,
/// behind the last indented line; before it come dozens of lines of Ray's own.
enum Traceback {
    /// Lines at the end of what was raised.
    static let maximumLines = 6
    /// Characters at most.
    static let maximumLength = 600

    static func tellingEnd(of text: String) -> String {
        let lines = withoutColours(text).split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
        guard let traceback = lines.lastIndex(where: { $0.contains("Traceback (most recent call last)") }) else {
            return cut(lines.prefix(maximumLines).map(trimmed).filter(isTelling).joined(separator: " "))
        }
        // Frames are indented lines; what was raised begins with the first line behind the last of them that is not.
        let frames = lines[traceback...].lastIndex { $0.hasPrefix("  File ") } ?? traceback
        let raised = lines[(frames + 1)...].drop { $0.first?.isWhitespace == true }
        return cut(raised.prefix(maximumLines).map(trimmed).filter(isTelling).joined(separator: " "))
    }

    /// Where to read on about pydantic's kinds of errors is of no use to whoever runs a service.
    private static func isTelling(_ line: String) -> Bool { !line.hasPrefix("For further information visit") }

    private static func trimmed(_ line: Substring) -> String {
        var line = line.drop(while: \.isWhitespace)
        while line.last?.isWhitespace == true { line.removeLast() }
        return String(line)
    }

    private static func cut(_ text: String) -> String {
        text.count <= maximumLength ? text : text.prefix(maximumLength) + "…"
    }

    /// Without the sequences that set colours in a terminal, be they whole or robbed of their escape character.
    static func withoutColours(_ text: String) -> String {
        guard text.utf8.contains(0x1B) else { return text }
        var result = ""
        var rest = text[...]
        while let escape = rest.firstIndex(of: "\u{1B}") {
            result += rest[..<escape]
            rest = rest[rest.index(after: escape)...]
            guard rest.first == "[" else { continue }
            rest = rest.drop { !$0.isLetter }.dropFirst()
        }
        return result + rest
    }
}
