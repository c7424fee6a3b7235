/// How long a file, a function and a line may be.
let sizeRules: [SourceRule] = [
    SourceRule(
        "files have at most \(Size.maximumFileLines) lines, tests \(Size.maximumTestFileLines)",
        bad: ("Shared/Domain/Sample.swift", String(repeating: "let a = 1\n", count: Size.maximumFileLines + 1)),
        good: ("Tests/SampleTests.swift", String(repeating: "let a = 1\n", count: Size.maximumFileLines + 1))
    ) { file in
        let limit = file.isTest ? Size.maximumTestFileLines : Size.maximumFileLines
        guard file.isSwift, file.lines.count > limit else { return [] }
        return [Violation(path: file.path, line: limit, message: "\(file.lines.count) lines, at most \(limit)")]
    },
    SourceRule(
        "lines have at most \(Size.maximumLineLength) characters",
        bad: ("Shared/Domain/Sample.swift", "// " + String(repeating: "x", count: Size.maximumLineLength)),
        good: ("docs/sample.md", String(repeating: "x", count: Size.maximumLineLength + 1))
    ) { file in
        guard file.isSwift else { return [] }
        return file.lines.indices.filter { file.lines[$0].count > Size.maximumLineLength }.map {
            Violation(path: file.path, line: $0 + 1, message: "\(file.lines[$0].count) characters")
        }
    },
    SourceRule(
        "functions have at most \(Size.maximumFunctionLines) lines",
        bad: (
            "Shared/Domain/Sample.swift",
            "func f() {\n" + String(repeating: "  g()\n", count: Size.maximumFunctionLines) + "}\n"
        ),
        good: (
            "Shared/Domain/Sample.swift",
            "struct S {\n" + String(repeating: "  func f() {}\n", count: Size.maximumFunctionLines) + "}\n"
        )
    ) { file in
        guard file.isSwift else { return [] }
        return functions(in: file).filter { $0.length > Size.maximumFunctionLines }.map {
            Violation(path: file.path, line: $0.line, message: "a function of \($0.length) lines")
        }
    },
]

enum Size {
    static let maximumFileLines = 400
    static let maximumTestFileLines = 600
    static let maximumLineLength = 120
    static let maximumFunctionLines = 70
    /// Of the source files, tests aside.
    static let maximumMedianFileLines = 90
    static let maximumNinetiethPercentileFileLines = 250
}

/// Every function and initializer with a body: the line of its name and how many lines it covers.
func functions(in file: SourceFile) -> [(line: Int, length: Int)] {
    file.codeLines.indices.compactMap { start in
        guard let column = functionStart(file.codeLines[start]) else { return nil }
        return bodyEnd(file.codeLines, from: start, column: column).map { (start + 1, $0 - start + 1) }
    }
}

private func functionStart(_ line: String) -> String.Index? {
    for keyword in ["func ", "init(", "init?(", "init<", "deinit"] {
        guard let range = line.firstRange(of: keyword) else { continue }
        let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
        if before == " " { return range.lowerBound }
    }
    return nil
}

/// The line of the brace that closes the body which begins behind `start`; nil if there is no body.
private func bodyEnd(_ lines: [String], from start: Int, column: String.Index) -> Int? {
    var depth = 0
    var parentheses = 0
    for number in start..<lines.count {
        let text = number == start ? lines[number][column...] : lines[number][...]
        for character in text {
            switch character {
            case "(": parentheses += 1
            case ")": parentheses -= 1
            case "{": depth += 1
            case "}":
                depth -= 1
                if depth == 0, parentheses <= 0 { return number }
                if depth < 0 { return nil }
            default: continue
            }
        }
        if depth == 0, parentheses <= 0, number > start, startsDeclaration(text) { return nil }
    }
    return nil
}

/// A protocol's requirement has no body: the next declaration tells.
private func startsDeclaration(_ text: Substring) -> Bool {
    let first = text.split(separator: " ").first ?? ""
    return ["func", "var", "let", "init", "case", "static", "mutating", "associatedtype", "}"].contains(first)
}
