/// What files may be called.
let namingRules: [SourceRule] = [
    SourceRule(
        "no file is a drawer for anything",
        bad: ("Shared/HTTP/StringUtils.swift", ""), good: ("Shared/HTTP/CommonName.swift", "struct CommonName {}")
    ) { file in
        let drawers = ["Utils", "Utilities", "Util", "Helpers", "Helper", "Common", "Manager", "Misc", "Extensions"]
        let name = file.baseName.prefix { $0 != "+" }
        guard file.isSwift, drawers.contains(where: name.hasSuffix) else { return [] }
        return [Violation(path: file.path, line: 1, message: "name the file after what is in it")]
    },
    SourceRule(
        "no folder is called after a kind of thing",
        bad: ("Services/ModelServing/Core/Models/Service.swift", ""),
        good: ("Services/ModelManagement/Core/Model.swift", "struct Model {}")
    ) { file in
        let kinds: Set<String> = ["Models", "Utils", "Helpers", "Common", "Extensions", "Protocols", "Types", "Misc"]
        guard let folder = file.path.split(separator: "/").dropLast().first(where: { kinds.contains(String($0)) })
        else { return [] }
        return [Violation(path: file.path, line: 1, message: "the folder \(folder) says nothing of its contents")]
    },
    SourceRule(
        "a file with one type is named after it",
        bad: ("Shared/HTTP/Router.swift", "struct Route {}"),
        good: ("Shared/HTTP/Router+Errors.swift", "extension Router {}\nstruct RouterError {}")
    ) { file in
        let types = file.codeLines.compactMap(declaredType)
        // A file of several types, or of free functions too, is named after what they are about; `Type+Job` extends.
        guard file.isSwift, !file.isTest, !file.baseName.contains("+"), types.count == 1,
            !types[0].hasPrefix(file.baseName),
            !file.codeLines.contains(where: declaresFreeFunction)
        else { return [] }
        return [Violation(path: file.path, line: 1, message: "declares \(types[0]) and nothing else")]
    },
    SourceRule(
        "tests are sentences",
        bad: ("Tests/SampleTests.swift", "@Test func testRouting() {}"),
        good: ("Tests/SampleTests.swift", "@Test func testsEveryRoute() {}\nfunc testServer() {}")
    ) { file in
        guard file.isTest, file.isSwift else { return [] }
        return file.codeLines.indices.filter { isNamedTest(file.codeLines, $0) }.map {
            Violation(path: file.path, line: $0 + 1, message: "say what holds, without the word test")
        }
    },
]

private let accessWords: Set<Substring> = ["public", "package", "final", "indirect", "@safe", "@main"]

/// The name of the type that a line declares at the top level of its file, unless only that file sees it.
private func declaredType(_ line: String) -> String? {
    guard line.first?.isWhitespace == false else { return nil }
    let words = line.split(separator: " ").drop { accessWords.contains($0) }
    guard let keyword = words.first, words.count > 1,
        ["struct", "class", "enum", "actor", "protocol"].contains(keyword)
    else { return nil }
    return String(words[words.startIndex + 1].prefix(while: \.isNamePart))
}

private func declaresFreeFunction(_ line: String) -> Bool {
    line.split(separator: " ").drop { accessWords.contains($0) }.first == "func" && !line.hasPrefix(" ")
}

private func isNamedTest(_ lines: [String], _ index: Int) -> Bool {
    guard let range = lines[index].firstRange(of: "func test"), range.upperBound < lines[index].endIndex,
        lines[index][range.upperBound].isUppercase
    else { return false }
    if lines[index].contains("@Test") { return true }
    return lines[max(0, index - 2)..<index].contains { $0.contains("@Test") && !$0.contains("func ") }
}
