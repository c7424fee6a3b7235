import Glibc

/// A text file of the repository, or a sample in its shape.
struct SourceFile: Sendable {
    /// From the repository's root, without a leading slash.
    let path: String
    /// As written, without line ends.
    let lines: [String]
    /// The same lines without comments and string contents; empty for anything but Swift.
    let codeLines: [String]

    init(path: String, text: String) {
        self.path = path
        lines = Self.split(text)
        codeLines = path.hasSuffix(".swift") ? Self.split(SwiftCode.withoutCommentsAndStrings(text)) : []
    }

    private static func split(_ text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var isTest: Bool { path.hasPrefix("Tests/") }
    /// `HTTPServer.swift`
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    /// `HTTPServer`
    var baseName: String { name.split(separator: ".").first.map(String.init) ?? name }
    var isManifest: Bool { path == "Package.swift" }

    /// The modules that the file imports, with the line of each.
    var imports: [(module: String, line: Int)] {
        codeLines.enumerated().compactMap { index, line in
            let words = line.split(separator: " ").map(String.init)
            guard let position = words.firstIndex(of: "import"), position + 1 < words.count,
                words[..<position].allSatisfy({ $0.hasPrefix("@") || Self.importModifiers.contains($0) })
            else { return nil }
            let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let module = words[position + 1]
            let name = kinds.contains(module) && position + 2 < words.count ? words[position + 2] : module
            return (String(name.prefix { $0 != "." }), index + 1)
        }
    }

    private static let importModifiers: Set<String> = ["public", "package", "internal", "fileprivate", "private"]

    /// Line numbers, from 1, whose code holds `text` as a whole: not as a part of a longer name.
    func codeLines(holding text: String) -> [Int] {
        codeLines.indices.filter { codeLines[$0].holdsWhole(text) }.map { $0 + 1 }
    }
}

extension String {
    /// Whether `text` occurs with no letter, digit or underscore joined to either of its ends, and, if it is a call,
    /// not as a call of a member.
    func holdsWhole(_ text: String) -> Bool {
        guard holdsBytes(of: text) else { return false }
        var rest = self[...]
        while let range = rest.firstRange(of: text) {
            let before = range.lowerBound > startIndex ? self[index(before: range.lowerBound)] : " "
            let after = range.upperBound < endIndex ? self[range.upperBound] : " "
            let isMember = before == "." && text.hasSuffix("(")
            let joinsBefore = isMember || (before.isNamePart && (text.first?.isNamePart ?? false))
            let joinsAfter = after.isNamePart && (text.last?.isNamePart ?? false)
            if !joinsBefore, !joinsAfter { return true }
            rest = self[range.upperBound...]
        }
        return false
    }
}

extension String {
    /// Whether `text` occurs, byte for byte: what rules ask of every line, and is hardly ever so.
    func holdsBytes(of text: String) -> Bool {
        withCString { line in text.withCString { strstr(line, $0) != nil } }
    }
}

extension Character {
    var isNamePart: Bool { isLetter || isNumber || self == "_" }
}
