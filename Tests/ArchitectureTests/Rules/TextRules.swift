/// What no text of the project may hold, whatever its language. The words are put together here, so that this file
/// does not break its own rules.
let textRules: [SourceRule] = [
    SourceRule(
        "nothing is left over",
        bad: ("Shared/Domain/Sample.swift", "// TO" + "DO: later"), good: ("docs/sample.md", "what is still to do")
    ) { file in
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
        return file.lines.indices.filter { line in words.contains { file.lines[line].holdsWhole($0) } }.map {
            Violation(path: file.path, line: $0 + 1, message: "do it, or write down why not")
        }
    },
    SourceRule(
        "no path of one machine",
        bad: ("docs/sample.md", "see /ro" + "ot/notes"), good: ("docs/sample.md", "GET /models/tmp/x and work/done")
    ) { file in
        let folders = ["tmp", "root", "work", "home"].map { "/\($0)/" }
        return file.lines.indices.filter { line in folders.contains { file.lines[line].holdsPath($0) } }.map {
            Violation(path: file.path, line: $0 + 1, message: "a path that other machines do not have")
        }
    },
    SourceRule(
        "no commented-out code",
        bad: ("Shared/Domain/Sample.swift", "// let a = b()"),
        good: ("Shared/Domain/Sample.swift", "// Let the caller wait.\n/// let a = b() is an example.")
    ) { file in
        guard file.isSwift else { return [] }
        let starts = ["let ", "var ", "func ", "return ", "if ", "guard ", "try ", "await "]
        return file.lines.indices.filter { index in
            guard file.lines[index].holdsBytes(of: "// ") else { return false }
            let line = file.lines[index].trimmed
            guard line.hasPrefix("// "), let last = line.last, !line.hasPrefix("///") else { return false }
            return starts.contains { line.dropFirst(3).hasPrefix($0) }
                && ("{}();".contains(last) || line.contains(" = "))
        }.map {
            Violation(path: file.path, line: $0 + 1, message: "version control remembers old code")
        }
    },
    SourceRule(
        "no tabs and no spaces at a line's end",
        bad: ("Shared/Domain/Sample.swift", "let a = 1 "), good: ("Makefile", "run:\n\tswift run")
    ) { file in
        file.lines.indices.filter { index in
            let line = file.lines[index]
            return line.hasSuffix(" ") || line.hasSuffix("\r") || (file.isSwift && line.contains("\t"))
        }.map {
            Violation(path: file.path, line: $0 + 1, message: "stray white space")
        }
    },
]

extension String {
    /// Whether an absolute path that begins with `folder` is in the text: the slash follows nothing of a longer path.
    func holdsPath(_ folder: String) -> Bool {
        guard holdsBytes(of: folder) else { return false }
        var rest = self[...]
        while let range = rest.firstRange(of: folder) {
            let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
            if !before.isNamePart, !")}.-:/*%".contains(before) { return true }
            rest = self[range.upperBound...]
        }
        return false
    }
}
