import Foundation
import Subprocess
import Testing

/// The shell scripts, on machines that lack what they need: their commands are replaced by ones that say so.
@Suite(.timeLimit(.minutes(3))) struct ScriptTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("scripts-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: "\(folder)/bin", withIntermediateDirectories: true)
        try command("swift", "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'")
        try command("dpkg-query", "exit 1")
        try command("apt-get", "echo \"$@\" >> \(folder)/apt; exit 0")
        try command("id", "echo 0")
        try command("sudo", "exit 1")
    }

    private func command(_ name: String, _ script: String) throws {
        let path = "\(folder)/bin/\(name)"
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    private func run(_ script: String, _ arguments: String...) async throws -> (
        status: ProcessExit.Status, text: String
    ) {
        let output = "\(folder)/output"
        let request = SpawnRequest(
            arguments: ["\(DevelopmentStack.repository)/scripts/\(script)"] + arguments,
            environment: ["PATH": "\(folder)/bin:/usr/bin:/bin", "HOME": folder, "TMPDIR": folder],
            workingDirectory: folder, outputFile: output)
        let status = try await ProcessExit.wait(for: try request.spawn())
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return (status, (try? String(contentsOfFile: output, encoding: .utf8)) ?? "")
    }

    @Test func withoutRootItPrintsTheOneCommandThatIsMissing() async throws {
        try command("id", "echo 1000")
        let (status, text) = try await run("install-dependencies", "build")
        #expect(status == .code(1))
        let packages = "libcurl4-openssl-dev libssl-dev libyaml-dev libsqlite3-dev libpq-dev pkg-config"
        #expect(text.contains("  sudo apt-get install --yes \(packages)\n"))
    }

    @Test func namesOnlyWhatIsMissing() async throws {
        try command("id", "echo 1000")
        try command("dpkg-query", "case \"$*\" in *libyaml-dev) exit 1;; *) printf installed;; esac")
        let (status, text) = try await run("install-dependencies", "build")
        #expect(status == .code(1))
        #expect(text.contains("  sudo apt-get install --yes libyaml-dev\n"))
    }

    @Test func saysNothingWhenNothingIsMissing() async throws {
        try command("dpkg-query", "printf installed")
        let (status, text) = try await run("install-dependencies", "run")
        #expect(status == .code(0))
        #expect(text == "")
    }

    @Test func installsAsRoot() async throws {
        try command("dpkg-query", "case \"$*\" in *libyaml-dev) exit 1;; *) printf installed;; esac")
        let (status, text) = try await run("install-dependencies", "build")
        #expect(status == .code(0))
        #expect(text == "▸ installing libyaml-dev\n")
    }

    @Test func tellsTheCommandWhenInstallingFails() async throws {
        try command("apt-get", "echo 'no network'; exit 100")
        let (status, text) = try await run("install-dependencies", "build")
        #expect(status == .code(1))
        #expect(text.contains("no network"))
        #expect(text.contains("That did not work. Please run:"))
    }

    @Test(arguments: ["exit 127", "echo 'Swift version 5.9.2 (swift-5.9.2-RELEASE)'"])
    func withoutSwiftItSaysWhereToGetItAndWhatNeedsNone(swift: String) async throws {
        try command("swift", swift)
        let (status, text) = try await run("install-dependencies", "run")
        #expect(status == .code(1))
        #expect(text.contains("https://www.swift.org/install/linux/"))
        #expect(text.contains("docker compose up"))
    }

    @Test func theDoctorNeedsNoSwift() async throws {
        try command("swift", "exit 127")
        let (status, text) = try await run("doctor")
        #expect(status == .code(1))
        #expect(text.contains("✗ Swift        not found: https://www.swift.org/install/linux/"))
        #expect(text.contains("docker compose up needs none"))
        #expect(text.contains("sudo apt-get install --yes"))
    }

    @Test func makeListsItsVerbs() async throws {
        let stack = try DevelopmentStack()
        let lines = try await stack.run("make --no-print-directory -C \(DevelopmentStack.repository) help")
        for verb in ["run", "test", "build", "lint", "bench", "fuzz", "tsan", "clean", "help"] {
            #expect(lines.contains { $0.hasPrefix("  make \(verb) ") }, "\(verb)")
        }
    }
}
