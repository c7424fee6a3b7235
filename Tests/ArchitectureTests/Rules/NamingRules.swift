/// What files may be called.
let namingRules: [SourceRule] = [
    SourceRule(
        "no file is a drawer for anything",
        bad: ("Shared/HTTP/StringUtils.swift", ""), good: ("Shared/HTTP/CommonName.swift", "struct CommonName {}")
    ) { file in
        let drawers = ["Utils", "Utilities", "Util", "Helpers", "Helper", "Common", "Manager", "Misc", "Extensions"]
        guard file.isSwift, drawers.contains(where: file.baseName.hasSuffix) else { return [] }
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
        "a file declares or extends what it is named after",
        bad: ("Shared/HTTP/Router.swift", "struct Route {}"),
        good: ("Shared/HTTP/Router+Errors.swift", "extension Router {}")
    ) { file in
        let name = String(file.baseName.prefix { $0 != "+" })
        let isList = file.isManifest || file.path.hasPrefix("Tests/ArchitectureTests/Rules/")
        let isEntryPoint = name.first?.isLowercase ?? true
        let isPlaceholder = file.name == "Placeholder.swift"
        guard file.isSwift, !isList, !isEntryPoint, !isPlaceholder else { return [] }
        guard !file.codeLines.contains(where: { declares(name, in: $0) }) else { return [] }
        return [Violation(path: file.path, line: 1, message: "no declaration of \(name)")]
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

private func declares(_ name: String, in line: String) -> Bool {
    ["struct", "class", "enum", "actor", "protocol", "extension", "typealias", "func", "let"].contains {
        line.holdsWhole("\($0) \(name)")
    }
}

private func isNamedTest(_ lines: [String], _ index: Int) -> Bool {
    guard let range = lines[index].firstRange(of: "func test"), range.upperBound < lines[index].endIndex,
        lines[index][range.upperBound].isUppercase
    else { return false }
    if lines[index].contains("@Test") { return true }
    return lines[max(0, index - 2)..<index].contains { $0.contains("@Test") && !$0.contains("func ") }
}
