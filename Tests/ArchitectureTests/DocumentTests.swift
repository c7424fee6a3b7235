import Foundation
import Testing

/// What the repository has besides code, and that it agrees with the code.
@Suite struct DocumentTests {
    @Test(arguments: [("README.md", 200), ("ARCHITECTURE.md", 250), ("CHANGELOG.md", 1000)])
    func theDocumentsThatEveryoneReadsAreThereAndShort(path: String, limit: Int) throws {
        let file = try #require(Repository.file(path), "\(path) is missing")
        #expect(file.lines.count > 10)
        #expect(file.lines.count <= limit)
    }

    @Test func everyLinkLeadsSomewhere() {
        let broken = Repository.files.filter { $0.path.hasSuffix(".md") }.flatMap(brokenLinks)
        #expect(broken.isEmpty, "\(broken.map(\.description).joined(separator: "\n"))")
    }

    @Test func noticesABrokenLink() {
        let text = "[a](nowhere.md) [b](Package.swift) [c](#here) [d](https://swift.org) `[e](nowhere.md)`"
        #expect(brokenLinks(in: SourceFile(path: "sample.md", text: text)).map(\.message) == ["nowhere.md"])
        #expect(brokenLinks(in: SourceFile(path: "docs/sample.md", text: "[a](../Package.swift)")).isEmpty)
    }

    @Test func everyVerbOfTheMakefileSaysWhatItDoes() throws {
        let makefile = try #require(Repository.file("Makefile"))
        let phony = makefile.lines.filter { $0.hasPrefix(".PHONY:") }.flatMap { $0.split(separator: " ").dropFirst() }
        #expect(phony.count > 5)
        for verb in phony {
            #expect(makefile.lines.contains { $0.hasPrefix("\(verb): ## ") }, "make \(verb)")
        }
    }

    @Test func theStateStoresThatTheServicesAskForAreComponentsInBothForms() {
        let names = Set(Repository.swiftFiles.filter { !$0.isTest }.flatMap(stateStoreNames))
        #expect(names.count == 2)
        for folder in ["components/", "components/local/"] {
            let stores = Repository.files.filter {
                $0.path.hasPrefix(folder) && !$0.path.dropFirst(folder.count).contains("/")
            }
            for name in names {
                #expect(stores.contains { isStateStore($0, named: name) }, "\(folder) has no state store \(name)")
            }
        }
    }

    @Test func readsNamesOfStateStores() {
        let code = SourceFile(
            path: "Sample.swift", text: #".init("SLIPWAY_STATE_STORE", default: "statestore", "its name")"#)
        #expect(stateStoreNames(code) == ["statestore"])
        let second = SourceFile(path: "Sample.swift", text: #".init("SLIPWAY_ACCESS_STORE", default: "a", "its name")"#)
        #expect(stateStoreNames(second) == ["a"])
        let component = SourceFile(
            path: "components/a.yaml", text: "metadata:\n  name: statestore\nspec:\n  type: state.sqlite\n")
        #expect(isStateStore(component, named: "statestore"))
        #expect(!isStateStore(component, named: "other"))
    }

    private func stateStoreNames(_ file: SourceFile) -> [String] {
        file.lines.compactMap { line in
            let starts = [#""SLIPWAY_STATE_STORE", default: ""#, #""SLIPWAY_ACCESS_STORE", default: ""#]
            guard let range = starts.compactMap({ line.firstRange(of: $0) }).first else { return nil }
            return String(line[range.upperBound...].prefix { $0 != "\"" })
        }
    }

    private func isStateStore(_ file: SourceFile, named name: String) -> Bool {
        file.lines.contains { $0.trimmed == "name: \(name)" }
            && file.lines.contains { $0.trimmed.hasPrefix("type: state.") }
    }

    /// Relative links to files that are not there. What is between backquotes is no link.
    private func brokenLinks(in file: SourceFile) -> [Violation] {
        let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
        return file.lines.enumerated().flatMap { index, line in
            let prose = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 0 }.map(\.element).joined()
            return targets(in: prose).filter { target in
                let path = target.prefix { $0 != "#" }
                guard !path.isEmpty, !path.contains("://"), !path.hasPrefix("mailto:") else { return false }
                return !Repository.exists(folder.isEmpty ? String(path) : "\(folder)/\(path)")
            }.map { Violation(path: file.path, line: index + 1, message: $0) }
        }
    }

    /// `b` of every `[a](b)`.
    private func targets(in line: String) -> [String] {
        line.split(separator: "](").dropFirst().compactMap { rest in
            rest.firstIndex(of: ")").map { String(rest[..<$0]) }
        }
    }
}
