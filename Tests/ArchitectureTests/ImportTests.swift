import Testing

/// Who may import whom: the dependencies in `Package.swift`, and the rules that those follow.
@Suite struct ImportTests {
    /// Modules of the toolchain that any target may use.
    static let system: Set<String> = ["FoundationEssentials", "Synchronization", "Glibc", "Swift"]
    static let testSystem: Set<String> = ["Testing", "Foundation", "Dispatch"]
    /// Signals, and the ends of processes, reach a process through Dispatch.
    static let more: [String: Set<String>] = ["Lifecycle": ["Dispatch"], "Subprocess": ["Dispatch"]]
    /// Targets that call the system with pointers, beside those that wrap a C library: `write` and `clock_gettime`.
    static let systemCallers: Set<String> = ["EventLoop", "Observability"]

    let manifest: Manifest

    init() throws { manifest = try Manifest.current.get() }

    @Test func everySourceFileBelongsToATarget() {
        let orphans = Repository.swiftFiles.filter { !$0.isManifest && manifest.target(holding: $0.path) == nil }
        // Fuzzers and benchmarks join the package only when they are asked for.
        let lost = orphans.map(\.path).filter { !$0.hasPrefix("Tests/Fuzz/") && !$0.hasPrefix("Benchmarks/") }
        #expect(lost.isEmpty)
    }

    @Test func targetsImportOnlyWhatThePackageDeclares() {
        let violations = Repository.swiftFiles.flatMap { file in
            manifest.target(holding: file.path).map { undeclaredImports(file, of: $0) } ?? []
        }
        #expect(violations.isEmpty, "\(violations.map(\.description).joined(separator: "\n"))")
    }

    @Test func targetsUseEveryDependencyThatTheyDeclare() {
        var unused: [String] = []
        for target in manifest.targets where target.kind != .system && target.kind != .test {
            let files = Repository.swiftFiles.filter { manifest.target(holding: $0.path)?.name == target.name }
            guard files.contains(where: { $0.name != "Placeholder.swift" }) else { continue }
            let imported = Set(files.flatMap(\.imports).map(\.module))
            unused += target.dependencies.filter { !imported.contains($0) }.map { "\(target.name) → \($0)" }
        }
        #expect(unused.isEmpty)
    }

    @Test func noDependencyIsDeclaredTwice() {
        for target in manifest.targets {
            #expect(Set(target.dependencies).count == target.dependencies.count, "\(target.name)")
        }
    }

    @Test func aCLibraryHasOneUser() {
        for module in manifest.cModules {
            #expect(manifest.targets.filter { $0.dependencies.contains(module) }.count == 1, "\(module)")
        }
    }

    @Test func coresImportOnlyDomain() {
        for target in manifest.targets where target.path.hasPrefix("Services/") && target.path.hasSuffix("/Core") {
            #expect(target.dependencies == ["Domain"], "\(target.name)")
        }
        let cores = Repository.swiftFiles.filter {
            $0.path.hasPrefix("Services/") && $0.path.split(separator: "/").dropFirst(2).first == "Core"
        }
        let others = cores.flatMap { file in
            file.imports.filter { $0.module != "Domain" && $0.module != "Synchronization" }
                .map { Violation(path: file.path, line: $0.line, message: "a core imports \($0.module)") }
        }
        #expect(others.isEmpty, "\(others)")
    }

    @Test func noServiceDependsOnAnotherAndNothingSharedOnAService() {
        for target in manifest.targets where target.kind != .test {
            for dependency in target.dependencies.compactMap({ manifest.target($0) }) {
                #expect(
                    mayDepend(target.path, on: dependency.path), "\(target.name) depends on \(dependency.name)")
            }
        }
    }

    @Test func theKeywordUnsafeStaysWithTheCLibraries() {
        let violations = Repository.swiftFiles.flatMap { file in
            manifest.target(holding: file.path).map { unsafeUses(file, of: $0) } ?? []
        }
        #expect(violations.isEmpty, "\(violations.map(\.description).joined(separator: "\n"))")
    }

    @Test func catchesBadSamples() throws {
        let json = try #require(manifest.target("JSON"))
        let sample = SourceFile(path: "Shared/JSON/Sample.swift", text: "import HTTP\nlet a = unsafe b()")
        #expect(undeclaredImports(sample, of: json).map(\.line) == [1])
        #expect(unsafeUses(sample, of: json).map(\.line) == [2])
        #expect(!mayDepend("Services/A/Server", on: "Services/B/Core"))
        #expect(!mayDepend("Shared/HTTP", on: "Services/A/Core"))
        #expect(!mayDepend("Tools/slipway", on: "Services/A/Core"))
        #expect(mayDepend("Services/A/Server", on: "Services/A/Core"))
        #expect(mayDepend("Services/A/Server", on: "Shared/HTTP"))
    }

    @Test func readsImportsInAllTheirForms() {
        let text = """
            import Domain
            public import struct HTTP.Route
            @testable import Dapr
            // import EventLoop
            let text = "import JSON"
            """
        let file = SourceFile(path: "Shared/Sample.swift", text: text)
        #expect(file.imports.map(\.module) == ["Domain", "HTTP", "Dapr"])
        #expect(file.imports.map(\.line) == [1, 2, 3])
    }

    private func undeclaredImports(_ file: SourceFile, of target: Manifest.Target) -> [Violation] {
        let allowed = Self.system.union(target.dependencies).union(Self.more[target.name] ?? [])
            .union(target.kind == .test ? Self.testSystem : [])
        return file.imports.filter { !allowed.contains($0.module) }.map {
            Violation(path: file.path, line: $0.line, message: "\(target.name) does not declare \($0.module)")
        }
    }

    private func unsafeUses(_ file: SourceFile, of target: Manifest.Target) -> [Violation] {
        let wrapsC = target.dependencies.contains(where: manifest.cModules.contains)
        guard !wrapsC, !Self.systemCallers.contains(target.name), target.kind != .test else { return [] }
        return file.codeLines(holding: "unsafe").map {
            Violation(path: file.path, line: $0, message: "\(target.name) wraps no C library")
        }
    }

    /// Shared folders know nothing above them; services know themselves and what is shared.
    private func mayDepend(_ path: String, on other: String) -> Bool {
        func service(_ path: String) -> Substring? {
            let parts = path.split(separator: "/")
            return parts.first == "Services" ? parts.dropFirst().first : nil
        }
        guard let owner = service(other) else { return !other.hasPrefix("Tools/") }
        return service(path) == owner
    }
}
