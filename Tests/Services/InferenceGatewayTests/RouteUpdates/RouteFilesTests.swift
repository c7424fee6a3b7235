import Contracts
import Domain
import Foundation
import Testing

@testable import InferenceGateway

@Suite struct RouteFilesTests {
    private let directory = TemporaryDirectory()

    private static let content = RouteFiles.Content(
        .init(shard: 7, version: 3, routes: [.sample("chat")]), fetchedAt: GatewayFixture.now)

    @Test func whatWasSavedIsLoaded() throws {
        let files = RouteFiles(dataDirectory: directory.path)
        #expect(files.load().contents.isEmpty && files.load().failures.isEmpty)
        let other = RouteFiles.Content(.init(shard: 8, version: 1, routes: []), fetchedAt: GatewayFixture.now)
        for content in [Self.content, other, Self.content] { try files.save(content) }
        #expect(files.load().contents == [Self.content, other])
        #expect(try FileManager.default.contentsOfDirectory(atPath: files.folder).sorted() == ["7.json", "8.json"])
    }

    @Test func othersCannotReadIt() throws {
        let files = RouteFiles(dataDirectory: directory.path)
        try files.save(Self.content)
        for (path, mode) in [(files.path(7), 0o600), (files.folder, 0o700)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == mode)
        }
    }

    @Test(arguments: [
        "", "{", "[]",
        #"{"schema_version":2,"fetched_at":"2026-01-01T00:00:00Z","shard":{"shard":7,"version":1,"routes":[]}}"#,
    ])
    func aFileThatIsNotOursCostsNoOtherShard(text: String) throws {
        let files = RouteFiles(dataDirectory: directory.path)
        let other = RouteFiles.Content(.init(shard: 8, version: 1, routes: []), fetchedAt: GatewayFixture.now)
        try files.save(other)
        try text.write(toFile: files.path(7), atomically: true, encoding: .utf8)
        #expect(files.load().contents == [other] && files.load().failures.count == 1)
    }

    @Test func aFolderThatCannotBeWrittenIsAnError() {
        #expect(throws: RouteFiles.Failure.self) {
            try RouteFiles(dataDirectory: "/proc/nowhere").save(Self.content)
        }
    }
}

/// A folder that goes with its test.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "slipway-gateway-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension RouteDocument {
    static func sample(
        _ name: String, url: String = "http://10.0.0.1:8000", sha256: String? = nil, instance: UInt64 = 3
    ) -> Self {
        Self(
            serviceID: ModelServiceID(UUIDv7(high: 1, low: 1)), name: name,
            visibility: sha256 == nil ? .public : .private,
            tokens: sha256.map {
                [Token(id: EndpointTokenID(UUIDv7(high: 1, low: 2)), sha256: $0, expiresAt: nil)]
            } ?? [],
            upstreams: [
                Upstream(instanceID: ModelServiceInstanceID(UUIDv7(high: 1, low: instance)), revision: 2, url: url)
            ])
    }
}
