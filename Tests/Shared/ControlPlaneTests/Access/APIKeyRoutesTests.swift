import ControlPlane
import Domain
import HTTP
import JSON
import TestSupport
import Testing

/// API keys from their making to their end, through the API.
@Suite struct APIKeyRoutesTests {
    let time = ManualTime()
    let server: InProcessServer

    init() throws {
        let time = time
        server = try InProcessServer(
            ControlPlaneAPI(
                routes: [], document: APIDocument(title: "Test", summary: "", operations: [], schemas: [])),
            store: InMemoryStateStore(now: { time.now }), time: time)
    }

    private func make(_ body: JSONValue) async throws -> (id: String, key: String) {
        let made = try await server.send(.post, "/api_keys", body)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.fields["Cache-Control"] == "no-store")
        return (try #require(made.json["id"]?.stringValue), try #require(made.json["key"]?.stringValue))
    }

    private func send(
        _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, by key: String
    ) async throws -> InProcessServer.Answer {
        try await server.send(method, target, body, fields: ["Authorization": "Bearer \(key)"], asAdmin: false)
    }

    private func bind(_ subject: String, _ role: String) async throws {
        let bound = try await server.send(
            .post, "/role_bindings", ["sub": .string(subject), "role": .string("role:\(role)")])
        #expect(bound.status == 201)
    }

    @Test func aKeyIsItsOwnerUntilItIsDeleted() async throws {
        let (id, key) = try await make(["owner": "alice", "name": "laptop"])
        #expect(key.hasPrefix("slk_"))
        #expect(try await send(.get, "/metrics", by: key).status == 403)
        try await bind("alice", "monitor")
        #expect(try await send(.get, "/metrics", by: key).status == 200)
        let shown = try await server.send(.get, "/api_keys")
        #expect(!shown.text.contains(key) && !shown.text.contains("sha256"))
        #expect(shown.json["api_keys"]?.arrayValue?.first?["name"] == "laptop")
        #expect(shown.json["api_keys"]?.arrayValue?.first?["created_by"] == "admin")
        #expect(try await server.send(.delete, "/api_keys/\(id)").status == 204)
        #expect(try await send(.get, "/metrics", by: key).status == 401)
        #expect(try await server.send(.delete, "/api_keys/\(id)").status == 404)
    }

    @Test func aKeyEndsWithItsTime() async throws {
        try await bind("alice", "monitor")
        let (_, key) = try await make(["owner": "alice", "expires_in_seconds": 60])
        time.advance(by: .seconds(59))
        #expect(try await send(.get, "/metrics", by: key).status == 200)
        time.advance(by: .seconds(1))
        let refused = try await send(.get, "/metrics", by: key)
        #expect(refused.status == 401 && refused.fields["WWW-Authenticate"] == "Bearer")
    }

    @Test func whoMaySeesToTheirOwnKeysOnly() async throws {
        try await bind("alice", "member")
        let (mine, key) = try await make(["owner": "alice"])
        let (others, _) = try await make(["owner": "bob"])
        let listed = try await send(.get, "/api_keys", by: key).json["api_keys"]?.arrayValue
        #expect(listed?.compactMap { $0["id"]?.stringValue } == [mine])
        #expect(try await send(.get, "/api_keys?owner=bob", by: key).json["api_keys"] == [])
        #expect(try await send(.delete, "/api_keys/\(others)", by: key).status == 404)
        #expect(try await send(.post, "/api_keys", ["owner": "bob"], by: key).status == 403)
        #expect(try await send(.post, "/api_keys", ["owner": "admin"], by: key).status == 403)
        // It would outlive its own end.
        #expect(try await send(.post, "/api_keys", [:], by: key).status == 403)
        #expect(try await send(.delete, "/api_keys/\(mine)", by: key).status == 204)
        #expect(try await send(.get, "/api_keys", by: key).status == 401)
    }

    @Test func whoMayNothingLearnsNothingOfKeys() async throws {
        let (id, key) = try await make(["owner": "eve"])
        for (method, path) in [(HTTPMethod.get, "/api_keys"), (.post, "/api_keys"), (.delete, "/api_keys/\(id)")] {
            #expect(try await send(method, path, [:], by: key).status == 403)
        }
    }

    @Test(arguments: [
        "admin", "Admin", "app:model-serving", "group:staff", "role:admin", "ROLE:admin", "alice\u{200b}", " alice",
        "alice\n", "",
    ])
    func noKeyIsForWhoIsNoUser(owner: String) async throws {
        let answer = try await server.send(.post, "/api_keys", ["owner": .string(owner)])
        #expect(answer.status == 422 || answer.status == 400, "\(answer.text)")
        #expect(try await server.send(.get, "/api_keys").json["api_keys"] == [])
    }

    @Test func theAdminSaysWhoseAKeyIs() async throws {
        let answer = try await server.send(.post, "/api_keys", [:])
        #expect(answer.status == 422 && answer.code == "reserved_owner")
    }

    @Test(arguments: [
        (#"{"owner":"a","expires_at":"soon"}"#, ["/expires_at"]),
        (#"{"owner":"a","expires_at":"2020-01-01T00:00:00Z"}"#, ["/expires_at"]),
        (#"{"owner":"a","expires_in_seconds":0}"#, ["/expires_in_seconds"]),
        (#"{"owner":"a","expires_in_seconds":9,"expires_at":"2099-01-01T00:00:00Z"}"#, ["/expires_at"]),
        (#"{"owner":7,"nmae":"x"}"#, ["/owner", "/nmae"]),
    ])
    func refusesWhatCannotBeMeant(body: String, fields: [String]) async throws {
        let answer = try await server.send(.post, "/api_keys", try JSONParser.parse(body))
        #expect(answer.status == 400 && answer.wrongFields == fields, "\(answer.text)")
    }

    @Test func aRepetitionIsAnsweredAsTheFirstRequest() async throws {
        let fields: HTTPFields = ["Idempotency-Key": "k1"]
        let first = try await server.send(.post, "/api_keys", ["owner": "alice"], fields: fields)
        #expect(first.status == 201)
        let again = try await server.send(.post, "/api_keys", ["owner": "alice"], fields: fields)
        #expect(again.status == 201 && again.json == first.json)
        #expect(try await server.send(.get, "/api_keys").json["api_keys"]?.arrayValue?.count == 1)
        let other = try await server.send(.post, "/api_keys", ["owner": "bob"], fields: fields)
        #expect(other.status == 422)

        let id = try #require(first.json["id"]?.stringValue)
        #expect(try await server.send(.delete, "/api_keys/\(id)").status == 204)
        let late = try await server.send(.post, "/api_keys", ["owner": "alice"], fields: fields)
        #expect(late.status == 409 && late.code == "api_key_not_shown_again")
    }

    @Test func oneOwnerHasOnlySoMany() async throws {
        for _ in 0..<100 { _ = try await make(["owner": "alice"]) }
        #expect(try await server.send(.post, "/api_keys", ["owner": "alice"]).code == "too_many_api_keys")
        #expect(try await server.send(.post, "/api_keys", ["owner": "bob"]).status == 201)
    }
}
