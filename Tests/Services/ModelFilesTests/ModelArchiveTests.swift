import Cryptography
import Domain
import FoundationEssentials
import HTTP
import ModelServingCore
import Subprocess
import Testing

@testable import ModelFiles

@Suite struct ModelArchiveTests {
    let folder: String
    let cache: ModelFileCache

    init() throws {
        folder = FileManager.default.temporaryDirectory.path() + "archive-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        cache = ModelFileCache(
            data: folder, fetcher: ModelFileFetcher(transport: ScriptedTransport(), limitBytes: 1 << 20))
    }

    @Test(arguments: [
        ("file:///a/m.tar", ModelArchive.tar), ("http://a/m.TAR.GZ?x=.zip", .gzippedTar),
        ("http://a/m.tgz#x", .gzippedTar),
        ("http://a/m.gguf", nil), ("http://a/m?f=.tar", nil), ("file:///a/tar", nil),
    ])
    func isToldByTheEndOfTheURL(url: String, archive: ModelArchive?) {
        #expect(ModelArchive(url: url) == archive)
    }

    @Test(arguments: ["tar", "tar.gz", "tgz"])
    func isUnpackedOnce(ending: String) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try make("weights/config.json", "{}")
        try make("weights/deep/a.bin", "123")
        let model = try await pack(["weights"], ending)
        let files = try await cache.files(of: model)
        #expect(files.folder?.hasSuffix(".folder/weights") == true, "the only folder is the model's")
        #expect(text("\(files.path)/deep/a.bin") == "123")
        #expect(files.file.hasSuffix(model.sha256))
        // What was unpacked is used again: a mark in it stays.
        try Data("mark".utf8).write(to: URL(filePath: files.path + "/mark"))
        let again = try await cache.files(of: model)
        #expect(again == files)
        #expect(text("\(again.path)/mark") == "mark")
        let kept = try names()
        #expect(kept.count == 3, "\(kept)")
    }

    @Test func severalEntriesAtTheTopAreTheModelItself() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try make("config.json", "{}")
        try make("weights.bin", "1")
        let files = try await cache.files(of: try await pack(["config.json", "weights.bin"], "tar"))
        #expect(files.folder?.hasSuffix(".folder") == true)
        #expect(text("\(files.path)/config.json") == "{}")
    }

    @Test func whatEveryoneMayReadIsReadableToEveryone() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try make("weights/config.json", "{}")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: "\(folder)/source/weights/config.json")
        let shared = ModelFileCache(
            data: folder, fetcher: ModelFileFetcher(transport: ScriptedTransport(), limitBytes: 1 << 20),
            readers: .everyone)
        let files = try await shared.files(of: try await pack(["weights"], "tar"))
        #expect(FileStatus.permissions(of: files.path + "/config.json") == 0o644)
        #expect(FileStatus.permissions(of: files.file) == 0o644)
    }

    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]

        init(_ description: String, _ write: (inout TarWriter) -> Void) {
            testDescription = description
            var writer = TarWriter()
            write(&writer)
            bytes = writer.whole
        }
    }

    @Test(arguments: [
        Attack("an absolute name") { $0.add("/etc/slipway-was-here", .file, "x") },
        Attack("a name that leads out") { $0.add("a/../../out", .file, "x") },
        Attack("a link to an absolute path") { $0.add("a", .link, to: "/etc/passwd") },
        Attack("a link that leads out") { $0.add("a/b", .link, to: "../../out") },
        Attack("a link through another one that leads out") {
            $0.add("d", .folder)
            $0.add("d/up", .link, to: "..")
            $0.add("x", .link, to: "d/up/..")
        },
        Attack("a link to nothing") { $0.add("a", .link, to: "b") },
        Attack("links in a ring") {
            $0.add("a", .link, to: "b")
            $0.add("b", .link, to: "a")
        },
        Attack("a file written through a link") {
            $0.add("a", .link, to: "../..")
            $0.add("a/out", .file, "x")
        },
        Attack("a hard link to what lies outside") { $0.add("a", .hardLink, to: "../../source/secret") },
        Attack("a device") { $0.add("null", .device) },
        Attack("a pipe") { $0.add("pipe", .pipe) },
        Attack("more than is allowed") { $0.add("big", .file, "x", size: 1 << 30) },
        Attack("nothing") { _ in },
    ])
    func refusesWhatShouldNotBeInIt(attack: Attack) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try make("secret", "s")
        try await refuses(attack.bytes)
        #expect(!FileManager.default.fileExists(atPath: "/etc/slipway-was-here"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/out"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/models/out"))
    }

    @Test func refusesWhatIsNoArchive() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await refuses(Array("these are not the bytes of an archive".utf8))
        var writer = TarWriter()
        writer.add("a", .file, String(repeating: "x", count: 4000))
        try await refuses(Array(writer.bytes.prefix(2048)))
    }

    @Test func whatAProcessLeftThatDiedIsNotTakenForWhole() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try make("weights/config.json", "{}")
        let model = try await pack(["weights"], "tar")
        // No process has this start time.
        let left = "\(folder)/models/\(model.sha256).folder.part-1-1-abc"
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        try Data("half".utf8).write(to: URL(filePath: left + "/config.json"))
        try Data("half".utf8).write(to: URL(filePath: left + ".output"))
        let files = try await cache.files(of: model)
        #expect(text(files.path + "/config.json") == "{}")
        let kept = try names()
        #expect(kept.allSatisfy { !$0.contains(".part-") }, "\(kept)")
    }

    @Test func unpacksOnceForManyAtATime() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try make("weights/config.json", "{}")
        let model = try await pack(["weights"], "tgz")
        // As two processes do, which share nothing but the folder.
        let other = ModelFileCache(
            data: folder, fetcher: ModelFileFetcher(transport: ScriptedTransport(), limitBytes: 1 << 20))
        let paths = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<8 {
                group.addTask { try await (number % 2 == 0 ? cache : other).files(of: model).path }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(paths.count == 1)
        let kept = try names()
        #expect(kept.count == 3, "\(kept)")
    }

    private func refuses(_ bytes: [UInt8]) async throws {
        let path = "\(folder)/m.tar"
        try Data(bytes).write(to: URL(filePath: path))
        do throws(Failure) {
            let files = try await cache.files(of: model(path, sha256: SHA256.hash(bytes).hex))
            Issue.record("it was unpacked to \(files.path)")
        } catch {
            #expect(error.reason == .modelFilesUnusable, "\(error.message)")
        }
        let left = try names().filter { $0.contains("folder") }
        #expect(left.isEmpty, "\(left)")
    }

    private func make(_ name: String, _ text: String) throws {
        let path = URL(filePath: "\(folder)/source/\(name)")
        try FileManager.default.createDirectory(
            atPath: path.deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: path)
    }

    private func pack(_ names: [String], _ ending: String) async throws -> ResolvedModel {
        let path = "\(folder)/m.\(ending)"
        let process = try SpawnRequest(
            arguments: ["tar", ending == "tar" ? "-cf" : "-czf", path, "-C", "\(folder)/source"] + names,
            environment: ["PATH": ArchiveUnpacking.defaultSearchPath], workingDirectory: "/",
            outputFile: "\(folder)/packing"
        ).spawn()
        #expect(try await ProcessExit.wait(for: process) == .code(0))
        return model(path, sha256: try await FileDigest.sha256(of: path))
    }

    private func model(_ path: String, sha256: String) -> ResolvedModel {
        ResolvedModel(modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1, fileURL: "file://\(path)", sha256: sha256)
    }

    private func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder + "/models")
    }
}
