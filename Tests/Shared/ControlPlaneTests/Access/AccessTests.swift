import ControlPlane
import Domain
import HTTP
import Observability
import TestSupport
import Testing

struct AccessTests {
    let server: InProcessServer

    init() throws {
        let time = ManualTime()
        server = try InProcessServer(
            sampleAPI, store: InMemoryStateStore(now: { time.now }), appToken: "token-of-the-sidecar")
    }

    static let guarded = ["/things/1", "/metrics", "/openapi.json", "/docs"]

    @Test(arguments: guarded) func asksForCredentials(path: String) async throws {
        let answer = try await server.send(.get, path, asAdmin: false)
        #expect(answer.status == 401)
        #expect(answer.code == "unauthenticated")
        #expect(answer.fields["WWW-Authenticate"] == "Bearer")
    }

    @Test(arguments: guarded) func letsTheAdminIn(path: String) async throws {
        #expect(try await server.send(.get, path).status == 200)
    }

    @Test(arguments: [
        "Bearer wrong-key-of-the-tests-0123456789", "Bearer", "Basic \(InProcessServer.adminKey)",
        "\(InProcessServer.adminKey)", "Bearer \(InProcessServer.adminKey)0", "Bearer \(InProcessServer.adminKey) x",
        "Bearer " + InProcessServer.adminKey.uppercased(),
    ])
    func refusesOtherCredentials(value: String) async throws {
        let answer = try await server.send(.get, "/things/1", fields: ["Authorization": value], asAdmin: false)
        #expect(answer.status == 401)
        #expect(!answer.text.contains(InProcessServer.adminKey))
    }

    @Test func refusesTwoCredentials() async throws {
        let answer = try await server.send(.get, "/things/1", fields: ["Authorization": "Bearer x"])
        #expect(answer.status == 401)
    }

    @Test(arguments: ["/healthz", "/readyz"]) func tellsEveryoneItsHealth(path: String) async throws {
        #expect(try await server.send(.get, path, asAdmin: false).status == 200)
    }

    @Test(arguments: ["/dapr/config", "/dapr/subscribe"])
    func answersTheSidecarOnly(path: String) async throws {
        #expect(try await server.send(.get, path, asAdmin: false).status == 401)
        #expect(
            try await server.send(.get, path, fields: ["dapr-api-token": "another"], asAdmin: false).status == 401)
        let right: HTTPFields = ["dapr-api-token": "token-of-the-sidecar"]
        #expect(try await server.send(.get, path, fields: right, asAdmin: false).status == 200)
        let twice: HTTPFields = ["dapr-api-token": "token-of-the-sidecar", "Dapr-Api-Token": "another"]
        #expect(try await server.send(.get, path, fields: twice, asAdmin: false).status == 401)
    }
}
