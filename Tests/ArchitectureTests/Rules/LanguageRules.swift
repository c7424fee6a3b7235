/// What the language allows and this project does not.
let languageRules: [SourceRule] = [
    .forbidding(
        "nonisolated(unsafe)", because: "shared state needs an actor or a Mutex",
        bad: "nonisolated(unsafe) var count = 0", good: "let note = \"nonisolated(unsafe)\""),
    .forbidding(
        "Task.detached", because: "every task is the child of a group that somebody waits for",
        bad: "Task.detached { await run() }", good: "// Task.detached\ngroup.addTask { await run() }"),
    .forbidding(
        "@unchecked Sendable", because: "only the event loop's executor may claim what it cannot prove",
        bad: "final class Box: @unchecked Sendable {}", good: "final class Box: Sendable {}",
        where: { $0.path == "Shared/EventLoop/LoopExecutor.swift" }),
    .forbidding(
        "try!", because: "say what happens when it throws", bad: "let a = try! parse()", good: "let a = try parse()"),
    .forbidding(
        "as!", because: "say what happens when it is another type",
        bad: "let a = b as! Int", good: "let a = b as? Int"),
    .forbidding(
        "@_exported", because: "an import is visible in each file that uses it",
        bad: "@_exported import HTTP", good: "import HTTP"),
    .forbidding(
        "fatalError()", because: "say which promise was broken", bad: "fatalError()", good: "fatalError(\"no loop\")"),
    .forbidding(
        "import Foundation", because: "FoundationEssentials does, without 50 MB of tables",
        bad: "import Foundation", good: "import FoundationEssentials",
        where: { $0.isTest }),
    .forbidding(
        "import XCTest", because: "tests are written with Swift Testing",
        bad: "import XCTest", good: "import Testing"),
    .forbidding(
        "print(", because: "services speak through the log; tools through their own output type",
        bad: "print(\"ready\")", good: "log.print(\"ready\")\nfingerprint(x)",
        where: { $0.isTest || $0.isManifest || $0.path.hasPrefix("Benchmarks/") }),
    .forbidding(
        "Thread.sleep", because: "wait for the event, with a deadline",
        bad: "Thread.sleep(forTimeInterval: 1)", good: "try await clock.sleep(for: .seconds(1))"),
    wholeEnumRule,
]

/// A `default:` hides the case that somebody adds later. The rule knows the names of this project's own enum cases,
/// and lets pass switches over anything else.
private let wholeEnumRule = SourceRule(
    "no empty default in a switch",
    bad: ("Shared/Domain/Sample.swift", "switch state {\ncase .running: stop()\ndefault: break\n}"),
    good: ("Shared/Domain/Sample.swift", "switch byte {\ncase 1: stop()\ndefault: refuse()\n}")
) { file in
    guard file.isSwift else { return [] }
    return file.codeLines.indices.compactMap { index in
        let line = file.codeLines[index]
        guard line.holdsBytes(of: "default:") else { return nil }
        let next = index + 1 < file.codeLines.count ? file.codeLines[index + 1] : ""
        let isEmpty =
            line.holdsWhole("default: break")
            || (line.trimmed == "default:" && next.trimmed == "break")
        guard isEmpty else { return nil }
        return Violation(path: file.path, line: index + 1, message: "list the cases that need nothing")
    }
}

extension String {
    var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
