import Foundation
import HTTP
import JSON
import Subprocess
import TestSupport
import Testing

/// Who somebody is, as processes find it out that share nothing but their store and the issuer's keys.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct CallerTests {
    /// How soon a key must be known, and must not be taken any more.
    private static let visibility = Duration.seconds(2)
    private static let services: [ControlPlaneStack.Member] = [.models, .resources]

    /// The status that everybody who is known gets, and may nothing yet.
    private static let known = 403

    @Test func aKeyIsKnownAndForgottenEverywhereWithinTwoSeconds() async throws {
        try await ControlPlaneStack.run { stack in
            let made = try await stack.send(.post, "/api_keys", of: .models, ["owner": "alice", "name": "laptop"])
            let key = try #require(made.json["key"]?.stringValue, "\(made.json)")
            let id = try #require(made.json["id"]?.stringValue)
            let clock = ContinuousClock()
            #expect(try await stack.send(.get, "/metrics", of: .models, by: key).status == Self.known)
            try await until(Self.known, at: .resources, by: key, stack, before: clock.now + Self.visibility)
            #expect(try await stack.send(.delete, "/api_keys/\(id)", of: .resources).status == 204)
            #expect(try await stack.send(.get, "/metrics", of: .resources, by: key).status == 401)
            try await until(401, at: .models, by: key, stack, before: clock.now + Self.visibility)
            for member in ControlPlaneStack.Member.registries { #expect(!stack.log(of: member).contains(key)) }
        }
    }

    @Test func tokensOfAnIssuerAreTakenByTheKeysOfItsFile() async throws {
        let path = CheckedInDocument("Tests/Shared/AuthenticationTests/JWT/tokens.json").path
        let fixture = try JSONParser.parse(Array(Data(contentsOf: URL(filePath: path))))
        let keys = fixture["jwks"]?["keys"]?.arrayValue ?? []
        func token(_ name: String) throws -> String { try #require(fixture["tokens"]?[name]?.stringValue) }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        func publish(_ keys: [JSONValue]) {
            // At once and for its owner only, as whoever puts secrets there would.
            _ = FileManager.default.createFile(
                atPath: file, contents: Data(JSONWriter.bytes(["keys": .array(keys)])),
                attributes: [.posixPermissions: 0o600])
        }
        publish(keys)
        let settings = [
            "SLIPWAY_JWT_ISSUER": "https://issuer.example", "SLIPWAY_JWT_AUDIENCE": "slipway",
            "SLIPWAY_JWKS_FILE": file, "SLIPWAY_JWKS_OVERLAP_SECONDS": "0",
        ]
        try await ControlPlaneStack.run(settings: settings) { stack in
            for member in Self.services {
                for name in ["RS256", "ES256", "HS256"] {
                    #expect(try await stack.send(.get, "/metrics", of: member, by: token(name)).status == Self.known)
                }
                let cut = try String(token("RS256").dropLast(4))
                #expect(try await stack.send(.get, "/metrics", of: member, by: cut).status == 401)
            }
            let binding: JSONValue = ["sub": "group:staff", "role": "role:monitor"]
            #expect(try await stack.send(.post, "/role_bindings", of: .models, binding).status == 201)
            #expect(try await stack.send(.get, "/metrics", of: .models, by: token("ES256")).status == 200)

            publish(keys.filter { $0["kty"] != "RSA" })
            let end = ContinuousClock.now + ControlPlaneStack.startDeadline
            for member in Self.services {
                try await until(401, at: member, by: try token("RS256"), stack, before: end)
            }
            #expect(try await stack.send(.get, "/metrics", of: .models, by: token("ES256")).status == 200)
        }
    }

    @Test(arguments: [
        (["SLIPWAY_JWT_ISSUER": "https://issuer.example"], "SLIPWAY_JWT_AUDIENCE"),
        (
            [
                "SLIPWAY_JWT_ISSUER": "a", "SLIPWAY_JWT_AUDIENCE": "b", "SLIPWAY_JWKS_FILE": "/no/such/file",
            ], "no file that this process can read"
        ),
        (
            ["SLIPWAY_JWT_ISSUER": "a", "SLIPWAY_JWT_AUDIENCE": "b", "SLIPWAY_JWKS_URL": "issuer.example"],
            "must be like https://"
        ),
        (["SLIPWAY_GATEWAY_KEY": "short"], "the gateway key must have 24"),
    ])
    func doesNotStartWithAnIssuerThatCannotBeMeant(settings: [String: String], words: String) async throws {
        try await ControlPlaneStack.run([]) { stack in
            let (status, log) = try await stack.end(
                of: .models, environment: settings.mapValues { $0 as String? })
            #expect(status == .code(2) && log.contains(words), "\(log)")
        }
    }

    @Test func aServiceIsWhomItsSidecarSaysAndNobodyElse() async throws {
        try await ControlPlaneStack.run { stack in
            func status(_ fields: HTTPFields = [:]) async throws -> Int {
                try await stack.invoke("model-management", "/models", from: .resources, fields: fields).status
            }
            // Known as app:resource-management, which may not ask for models.
            #expect(try await status() == Self.known)
            #expect(try await status(["Authorization": "Bearer \(ControlPlaneStack.adminKey)"]) == 200)
            for _ in 0..<10 {
                // The sidecar puts the true caller before or behind it.
                #expect(try await status(["dapr-caller-app-id": "model-serving"]) == 401)
            }
            let direct = try await stack.send(
                .get, "/models", of: .models, fields: ["dapr-caller-app-id": "model-serving"], by: "nothing")
            #expect(direct.status == 401)
        }
    }

    private func until(
        _ status: Int, at member: ControlPlaneStack.Member, by key: String, _ stack: ControlPlaneStack,
        before end: ContinuousClock.Instant
    ) async throws {
        while try await stack.send(.get, "/metrics", of: member, by: key).status != status {
            try #require(ContinuousClock.now < end, "\(member.rawValue) does not answer \(status)")
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
