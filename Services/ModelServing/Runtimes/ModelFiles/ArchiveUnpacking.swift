import FoundationEssentials
import ModelServingCore
import Subprocess

/// Unpacks an archive with the program `tar`, after a look at what is in it.
///
/// `tar` takes leading slashes and `..` for errors, makes links that could lead out only after everything else, and is
/// told to keep no owners. What it wrote is looked through before anybody uses it.
struct ArchiveUnpacking: Sendable {
    static let deadline: Duration = .seconds(3600)
    static let killDeadline: Duration = .seconds(5)
    static let outputCheckInterval: Duration = .milliseconds(500)
    /// Of a listing, which is read whole.
    static let maximumOutputBytes = 32 << 20
    static let defaultSearchPath = "/usr/local/bin:/usr/bin:/bin"

    let archive: ModelArchive
    /// Of the archive.
    let path: String
    /// Bytes of all files together at most.
    let limitBytes: Int
    let readers: ModelFileCache.Readers

    /// - Parameter folder: made here; whoever calls removes it if this throws.
    func run(into folder: String) async throws(Failure) {
        let output = folder + ".output"
        defer { try? FileManager.default.removeItem(atPath: output) }
        // What other programs write into headers is no reason to complain.
        try await tar(
            [
                "--list", "--verbose", "--numeric-owner", "--quoting-style=escape", "--warning=no-unknown-keyword",
                "--warning=no-alone-zero-block",
            ], output)
        let listed = FileManager.default.contents(atPath: output) ?? Data()
        let lines = listed.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        let listing = ArchiveListing(lines, limitBytes: limitBytes)
        if let problem = listing.problem { throw unusable(problem) }
        do {
            try? FileManager.default.removeItem(atPath: output)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.storageFailed, "cannot make the folder \(folder): \(error)")
        }
        try await tar(["--extract", "--directory=\(folder)", "--no-same-owner", "--no-same-permissions"], output)
        if let problem = await UnpackedFolder(path: folder).settle(for: readers) { throw unusable(problem) }
    }

    private func unusable(_ problem: String) -> Failure {
        Failure(.modelFilesUnusable, "the archive \(problem)")
    }

    private func tar(_ options: [String], _ output: String) async throws(Failure) {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? Self.defaultSearchPath
        let request = SpawnRequest(
            arguments: ["tar"] + options + archive.tarOptions + ["--file=\(self.path)"],
            environment: ["PATH": path, "LC_ALL": "C", "TZ": "UTC"], workingDirectory: "/", outputFile: output,
            limits: [.coreBytes(0)])
        let process: ProcessIdentity
        do throws(SpawnFailure) {
            process = try request.spawn()
        } catch {
            throw Failure(.commandNotFound, "an archive is unpacked by the program tar: \(error)")
        }
        let status = await end(of: process, output)
        guard status != .code(0) else { return }
        let words = OutputFile(output).lastLines(3).joined(separator: " | ").prefix(500)
        if Task.isCancelled { throw Failure(.internalFault, "unpacking \(self.path) was given up") }
        guard let status else {
            throw unusable("was not unpacked within \(Self.deadline), or lists more than can be looked at")
        }
        if words.contains("No space left") || words.contains("quota exceeded") {
            throw Failure(.storageFailed, "cannot unpack \(self.path): \(words)")
        }
        throw unusable("cannot be unpacked; tar ended with \(status): \(words)")
    }

    /// Nil if it had to be ended.
    private func end(of process: ProcessIdentity, _ output: String) async -> ProcessExit.Status? {
        let status = await withTaskGroup(of: ProcessExit.Status?.self) { group in
            group.addTask { try? await ProcessExit.wait(for: process) }
            group.addTask {
                let clock = ContinuousClock()
                let end = clock.now + Self.deadline
                while clock.now < end, OutputFile(output).size <= Self.maximumOutputBytes {
                    guard (try? await Task.sleep(for: Self.outputCheckInterval)) != nil else { break }
                }
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if status == nil { await kill(process) }
        return status
    }

    private func kill(_ process: ProcessIdentity) async {
        ProcessFamily(leader: process, marker: (name: "SLIPWAY_UNPACKING", value: "")).send(9)
        let clock = ContinuousClock()
        let end = clock.now + Self.killDeadline
        // It is waited for even if this task was cancelled: it would stay a zombie.
        while ProcessExit.statusIfEnded(process) == nil, clock.now < end { await Task.yield() }
    }
}
