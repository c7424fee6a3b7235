import Contracts
import Domain
import Foundation
import Testing

@testable import InferenceGateway

@Suite struct RouteFileTests {
    private let directory = TemporaryDirectory()

    private static let content = RouteFile.Content(
        schemaVersion: 1, fetchedAt: GatewayFixture.now, etag: "\"7\"",
        table: RouteTableDocument(routes: [.sample("chat")]))

    @Test func whatWasSavedIsLoaded() throws {
        let file = RouteFile(dataDirectory: directory.path)
        #expect(try file.load() == nil)
        try file.save(Self.content)
        #expect(try file.load() == Self.content)
        try file.save(Self.content)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/gateway") == ["routes.json"])
    }

    @Test func othersCannotReadIt() throws {
        let file = RouteFile(dataDirectory: directory.path)
        try file.save(Self.content)
        for (path, mode) in [(file.path, 0o600), (directory.path + "/gateway", 0o700)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == mode)
        }
    }

    @Test(arguments: [
        "", "{", "[]", #"{"schema_version":2,"fetched_at":"2026-01-01T00:00:00Z","table":{"routes":[]}}"#,
    ])
    func aFileThatIsNotOursIsAnErrorAndStays(text: String) throws {
        let file = RouteFile(dataDirectory: directory.path)
        try file.save(Self.content)
        try text.write(toFile: file.path, atomically: true, encoding: .utf8)
        #expect(throws: RouteFile.Failure.self) { try file.load() }
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == text)
    }

    @Test func aFolderThatCannotBeWrittenIsAnError() {
        #expect(throws: RouteFile.Failure.self) {
            try RouteFile(dataDirectory: "/proc/nowhere").save(Self.content)
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
