import Testing

/// A place that breaks a rule.
struct Violation: Sendable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// One house rule that a single file can break, with a sample that breaks it and one that comes close but does not.
struct SourceRule: Sendable, CustomTestStringConvertible {
    let name: String
    let find: @Sendable (SourceFile) -> [Violation]
    let bad: SourceFile
    let good: SourceFile

    var testDescription: String { name }

    init(
        _ name: String, bad: (path: String, text: String), good: (path: String, text: String),
        find: @escaping @Sendable (SourceFile) -> [Violation]
    ) {
        self.name = name
        self.find = find
        self.bad = SourceFile(path: bad.path, text: bad.text)
        self.good = SourceFile(path: good.path, text: good.text)
    }

    /// Forbids `text` in the code of Swift files, but where `isAllowed`.
    static func forbidding(
        _ text: String, because reason: String, bad: String, good: String,
        where isAllowed: @escaping @Sendable (SourceFile) -> Bool = { _ in false }
    ) -> SourceRule {
        SourceRule(
            "no \(text)", bad: ("Shared/Domain/Sample.swift", bad), good: ("Shared/Domain/Sample.swift", good)
        ) { file in
            guard file.isSwift, !isAllowed(file) else { return [] }
            return file.codeLines(holding: text).map {
                Violation(path: file.path, line: $0, message: "\(text): \(reason)")
            }
        }
    }
}
