import Cryptography
import Domain
import FoundationEssentials
import HTTP
import ModelServingCore
import Synchronization
import Testing

@testable import ModelFiles

@Suite struct ModelFileCacheTests {
    let folder: String
    let source: ScriptedTransport
    let cache: ModelFileCache
    static let digest = SHA256.hash("weights").hex

    init() throws {
        folder = FileManager.default.temporaryDirectory.path() + "cache-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        source = ScriptedTransport()
        cache = ModelFileCache(data: folder, fetcher: ModelFileFetcher(transport: source, limitBytes: 1000))
    }

    @Test func takesAFileOfThisMachineOnce() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("weights".utf8).write(to: URL(filePath: folder + "/a b"))
        let first = try await cache.files(of: model("file://\(folder)/a%20b")).file
        #expect(FileManager.default.contents(atPath: first) == Data("weights".utf8))
        try FileManager.default.removeItem(atPath: folder + "/a b")
        #expect(try await cache.files(of: model("file://\(folder)/a%20b")).file == first)
    }

    @Test func noticesThatAFileWasChangedInPlace() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let original = URL(filePath: folder + "/a")
        try Data("weights".utf8).write(to: original)
        let path = try await cache.files(of: model("file://\(folder)/a")).file
        // In place, so that the cached name sees it too if it is a link.
        try Data("garbage".utf8).write(to: original)
        try Data("garbage".utf8).write(to: URL(filePath: path))
        await #expect(throws: Failure.self) { try await cache.files(of: model("file://\(folder)/a")).file }
        try Data("weights".utf8).write(to: original)
        let again = try await cache.files(of: model("file://\(folder)/a")).file
        #expect(FileManager.default.contents(atPath: again) == Data("weights".utf8))
    }

    @Test func downloadsFollowingRedirects() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        source.answers = [
            "http://a.test:80/m?x=1": HTTPResponse(302, fields: ["Location": "/n"]),
            "http://a.test:80/n": HTTPResponse(307, fields: ["Location": "https://b.test/o"]),
            "https://b.test:443/o": HTTPResponse(200, body: .stream(Pieces(["wei", "ghts"]), length: nil)),
        ]
        let path = try await cache.files(of: model("http://a.test/m?x=1")).file
        #expect(FileManager.default.contents(atPath: path) == Data("weights".utf8))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let url: String
        let answer: HTTPResponse?
        let reason: FailureReason
        var testDescription: String { "\(url) \(reason)" }
    }

    @Test(arguments: [
        Row(url: "http://a.test/m", answer: HTTPResponse(404), reason: .modelFileMissing),
        Row(url: "http://a.test/m", answer: HTTPResponse(403), reason: .modelFileMissing),
        Row(url: "http://a.test/m", answer: HTTPResponse(503), reason: .downloadFailed),
        Row(url: "http://a.test/m", answer: HTTPResponse(429), reason: .downloadFailed),
        Row(url: "http://a.test/m", answer: nil, reason: .downloadFailed),
        Row(
            url: "http://a.test/m", answer: HTTPResponse(302, fields: ["Location": "/m"]), reason: .downloadFailed),
        Row(
            url: "http://a.test/m", answer: HTTPResponse(302, fields: ["Location": "ftp://x/"]),
            reason: .downloadFailed),
        Row(url: "http://a.test/m", answer: HTTPResponse(200, body: HTTPBody("other")), reason: .digestMismatch),
        Row(
            url: "http://a.test/m",
            answer: HTTPResponse(200, body: HTTPBody(String(repeating: "x", count: 1001))),
            reason: .modelFileTooLarge),
        Row(
            url: "http://a.test/m",
            answer: HTTPResponse(
                200,
                body: .stream(Pieces([String](repeating: String(repeating: "x", count: 400), count: 9)), length: nil)),
            reason: .modelFileTooLarge),
        Row(
            url: "http://a.test/m",
            answer: HTTPResponse(200, body: .stream(Pieces(["we"], breaksOff: true), length: 7)),
            reason: .downloadFailed),
        Row(url: "http://", answer: nil, reason: .modelFileMissing),
        Row(url: "s3://bucket/m", answer: nil, reason: .modelFileMissing),
        Row(url: "file:///no/such/file", answer: nil, reason: .modelFileMissing),
        Row(url: "file:///tmp", answer: nil, reason: .modelFileMissing),
        Row(url: "file://other.host/a", answer: nil, reason: .modelFileMissing),
    ])
    func saysWhyAFileCannotBeHad(row: Row) async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        if let answer = row.answer { source.answers["http://a.test:80/m"] = answer }
        do throws(Failure) {
            _ = try await cache.files(of: model(row.url))
            Issue.record("it was had")
        } catch {
            #expect(error.reason == row.reason, "\(error.message)")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/models")
        #expect(left.isEmpty, "\(left)")
    }

    @Test func fetchesOnceForManyAtATime() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        source.answers["http://a.test:80/m"] = HTTPResponse(200, body: HTTPBody("weights"))
        let paths = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { try await cache.files(of: model("http://a.test/m")).file } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(paths.count == 1)
        #expect(source.requests == 1)
    }

    private func model(_ url: String) -> ResolvedModel {
        ResolvedModel(
            modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1, fileURL: url, sha256: Self.digest)
    }
}

/// Answers by URL.
final class ScriptedTransport: HTTPTransport {
    private struct State {
        var answers: [String: HTTPResponse] = [:]
        var requests = 0
    }

    private let state = Mutex(State())

    var answers: [String: HTTPResponse] {
        get { state.withLock { $0.answers } }
        set { state.withLock { $0.answers = newValue } }
    }

    var requests: Int { state.withLock { $0.requests } }

    func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        let answer = state.withLock { state in
            state.requests += 1
            return state.answers["\(origin)\(request.target)"]
        }
        guard let answer else { throw .connectFailed("refused") }
        return answer
    }
}

final class Pieces: ByteStream {
    private let rest: Mutex<[String]>
    private let breaksOff: Bool

    init(_ pieces: [String], breaksOff: Bool = false) {
        rest = Mutex(pieces)
        self.breaksOff = breaksOff
    }

    func next() async throws -> [UInt8]? {
        let piece = rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        if piece == nil, breaksOff { throw HTTPBodyError.incomplete("closed") }
        return piece.map { Array($0.utf8) }
    }

    func cancel() { rest.withLock { $0.removeAll() } }
}
