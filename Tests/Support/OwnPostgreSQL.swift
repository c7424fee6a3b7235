import Foundation

/// A server of the test's own, which may be killed.
package final class OwnPostgreSQL: Sendable {
    private let folder = TemporaryFolder()
    package let connectionString: String

    /// - Throws: what the script printed, if the server does not start.
    package init() throws {
        // The server's user must be able to come as far as its folder.
        try folder.write("database/README", "")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path("."))
        connectionString = try Self.script("start", folder.path("database"))
    }

    package func kill() throws { _ = try Self.script("kill", folder.path("database")) }

    package func start() throws { _ = try Self.script("start", folder.path("database")) }

    /// It neither answers nor ends.
    package func pause() throws { _ = try Self.script("pause", folder.path("database")) }

    package func resume() throws { _ = try Self.script("resume", folder.path("database")) }

    deinit { _ = try? Self.script("stop", folder.path("database")) }

    private struct Failed: Error { let output: String }

    private static func script(_ arguments: String...) throws -> String {
        // Into a file, because a server that outlives the script would hold a pipe open.
        let folder = TemporaryFolder()
        try folder.write("output", "")
        let output = try FileHandle(forWritingTo: URL(filePath: folder.path("output")))
        let process = Process()
        process.executableURL = URL(filePath: "scripts/postgres")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        let text = try String(contentsOfFile: folder.path("output"), encoding: .utf8)
        guard process.terminationStatus == 0 else { throw Failed(output: text) }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
