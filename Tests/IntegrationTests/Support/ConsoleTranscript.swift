/// What a document shows of a terminal: commands, each with what it printed.
struct ConsoleTranscript: Sendable {
    struct Step: Hashable, Sendable {
        /// One command, which may go over several lines.
        var command: String
        /// Lines of output; `…` in one stands for any text, and a line of nothing else for any lines.
        var output: [String]
    }

    let steps: [Step]

    /// Takes the fenced blocks that are marked `console` out of Markdown. A line with `$ ` begins a command, and the
    /// next ones belong to it as long as they end in a backslash or a quote is open.
    init(markdown: String) {
        var steps: [Step] = []
        var isInside = false
        var isOpen = false
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
                isOpen = false
            } else if isInside, isOpen, let last = steps.indices.last {
                steps[last].command += "\n" + line
                isOpen = Self.isOpen(steps[last].command)
            } else if isInside, line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2)), output: []))
                isOpen = Self.isOpen(steps[steps.count - 1].command)
            } else if isInside, let last = steps.indices.last {
                steps[last].output.append(line)
            }
        }
        self.steps = steps
    }

    private static func isOpen(_ command: String) -> Bool {
        command.hasSuffix("\\") || command.count { $0 == "'" } % 2 == 1
    }

    /// Why `actual` is not what the document shows; nil if it is.
    static func difference(_ actual: [String], from expected: [String]) -> String? {
        guard !matches(actual[...], expected[...]) else { return nil }
        return "expected:\n\(expected.joined(separator: "\n"))\n\nactual:\n\(actual.joined(separator: "\n"))"
    }

    private static func matches(_ actual: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
        guard let pattern = expected.first else { return actual.isEmpty }
        if pattern == "…" {
            return (actual.startIndex...actual.endIndex).contains { matches(actual[$0...], expected.dropFirst()) }
        }
        guard let line = actual.first, matches(line, pattern) else { return false }
        return matches(actual.dropFirst(), expected.dropFirst())
    }

    private static func matches(_ line: String, _ pattern: String) -> Bool {
        let pieces = pattern.split(separator: "…", omittingEmptySubsequences: false)
        guard pieces.count > 1 else { return line == pattern }
        guard line.hasPrefix(pieces[0]) else { return false }
        var rest = line.dropFirst(pieces[0].count)
        for piece in pieces.dropFirst().dropLast() {
            guard let range = rest.firstRange(of: piece) else { return piece.isEmpty }
            rest = rest[range.upperBound...]
        }
        return rest.hasSuffix(pieces[pieces.count - 1])
    }
}
