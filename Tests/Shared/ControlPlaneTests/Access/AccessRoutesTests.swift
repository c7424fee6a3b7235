import ControlPlane
import Domain
import HTTP
import JSON
import TestSupport
import Testing

/// Rules through the API, as somebody who may change them sees it.
@Suite struct AccessRoutesTests {
    let server: InProcessServer

    init() throws {
        let time = ManualTime()
        server = try InProcessServer(
            ControlPlaneAPI(
                routes: [], document: APIDocument(title: "Test", summary: "", operations: [], schemas: [])),
            store: InMemoryStateStore(now: { time.now }))
    }

    static let policy: JSONValue = ["sub": "alice", "obj": "models/{id}", "act": "model:get"]

    private func explain(_ sub: String, _ obj: String, _ act: String) async throws -> JSONValue {
        let question: JSONValue = ["sub": .string(sub), "obj": .string(obj), "act": .string(act)]
        let answer = try await server.send(.post, "/policies:explain", question)
        #expect(answer.status == 200)
        return answer.json
    }

    @Test func aPolicyCountsUntilItIsRemoved() async throws {
        #expect(try await explain("alice", "models/1", "model:get")["allowed"] == false)
        let made = try await server.send(.post, "/policies", Self.policy)
        #expect(made.status == 201)
        let id = try #require(made.json["id"]?.stringValue)
        #expect(made.fields["Location"] == "/policies/\(id)")
        let explained = try await explain("alice", "models/1", "model:get")
        #expect(explained["allowed"] == true)
        #expect(explained["rule"]?["id"]?.stringValue == id)
        #expect(explained["reason"] == "Allowed by: p, alice, models/{id}, model:get, allow")
        let shown = try await server.send(.get, "/policies/\(id)").json
        #expect(shown["source"] == "store" && shown["created_by"] == "admin" && shown["eft"] == "allow")
        #expect(try await server.send(.delete, "/policies/\(id)").status == 204)
        #expect(try await server.send(.delete, "/policies/\(id)").status == 404)
        #expect(try await server.send(.get, "/policies/\(id)").status == 404)
        #expect(try await explain("alice", "models/1", "model:get")["allowed"] == false)
    }

    @Test func aRoleIsBoundAndInheritedAndStaysWhileItIsUsed() async throws {
        #expect(try await server.send(.post, "/roles", ["name": "team", "description": "us"]).json["name"] == "team")
        let inherited: JSONValue = ["sub": "role:team", "role": "role:model-editor"]
        #expect(try await server.send(.post, "/role_bindings", inherited).status == 201)
        let binding: JSONValue = ["sub": "group:research", "role": "role:team"]
        let bound = try await server.send(.post, "/role_bindings", binding)
        let id = try #require(bound.json["id"]?.stringValue)
        let question: JSONValue = [
            "sub": "alice", "groups": ["research"], "obj": "models/1", "act": "model:update",
        ]
        let answer = try await server.send(.post, "/policies:explain", question).json
        #expect(answer["allowed"] == true)
        #expect(answer["path"] == ["group:research", "role:team", "role:model-editor"])
        let refused = try await server.send(.delete, "/roles/team")
        #expect(refused.status == 409 && refused.code == "role_in_use")
        #expect(refused.json["detail"]?.stringValue?.contains("group:research") == true)
        let circle: JSONValue = ["sub": "role:model-editor", "role": "role:team"]
        #expect(try await server.send(.post, "/role_bindings", circle).code == "role_cycle")
        #expect(try await server.send(.delete, "/role_bindings/\(id)").status == 204)
        let listed = try await server.send(.get, "/role_bindings?sub=role:team").json
        #expect(listed["role_bindings"]?.arrayValue?.count == 1)
    }

    @Test(arguments: [
        ("/policies", #"{"sub":"","obj":"*","act":"*"}"#, ["/sub"]),
        ("/policies", #"{"sub":"alice","obj":"models/*x","act":"*"}"#, ["/obj"]),
        ("/policies", #"{"sub":"alice","obj":"/models","act":"*"}"#, ["/obj"]),
        ("/policies", #"{"sub":"alice","obj":"models/(a+)+","act":"*"}"#, ["/obj"]),
        ("/policies", #"{"sub":"alice","obj":"models","act":"get"}"#, ["/act"]),
        ("/policies", #"{"sub":"alice","obj":"models","act":"model:g*"}"#, ["/act"]),
        ("/policies", #"{"sub":"alice","obj":"models","act":"model:get","eft":"maybe"}"#, ["/eft"]),
        ("/policies", #"{"sub":"role:nobody","obj":"models","act":"model:get"}"#, ["/sub"]),
        ("/policies", #"{"sub":"role:","obj":"models","act":"model:get"}"#, ["/sub"]),
        ("/policies", #"{"sub":"a\nb","obj":"models","act":"model:get"}"#, ["/sub"]),
        ("/policies", #"{"sub":" alice","obj":"models","act":"model:get"}"#, ["/sub"]),
        ("/policies", #"{"sub":"al\u200bice","obj":"models","act":"model:get"}"#, ["/sub"]),
        ("/policies", #"{"obj":"x y","act":"","ect":"x"}"#, ["/sub", "/obj", "/act", "/ect"]),
        ("/roles", #"{"name":"role:x"}"#, ["/name"]),
        ("/roles", #"{"name":"Team"}"#, ["/name"]),
        ("/role_bindings", #"{"sub":"alice","role":"model-reader"}"#, ["/role"]),
        ("/role_bindings", #"{"sub":"alice","role":"role:nothing"}"#, ["/role"]),
        ("/role_bindings", #"{"sub":"alice","role":"group:x"}"#, ["/role"]),
        ("/policies:explain", #"{"sub":"alice","obj":"","act":"model:*","groups":[1]}"#, ["/groups", "/obj", "/act"]),
        (
            "/policies:dry_run", #"{"add":{"policies":[{"sub":"a","obj":"*","act":"*"},{"sub":"a"}]}}"#,
            ["/add/policies/1/obj", "/add/policies/1/act"]
        ),
        (
            "/policies:dry_run", #"{"add":{"role_bindings":[{"sub":"a","role":"role:x"}]}}"#,
            ["/add/role_bindings/0/role"]
        ),
    ])
    func refusesABadChangeWholeWithTheField(path: String, body: String, fields: [String]) async throws {
        let before = try await server.send(.get, "/policies?page_size=500").text
        let answer = try await server.send(.post, path, try JSONParser.parse(body))
        #expect(answer.status == 400)
        #expect(answer.wrongFields == fields)
        #expect(try await server.send(.get, "/policies?page_size=500").text == before)
    }

    @Test func whatTheFileSaysIsShownAndStays() async throws {
        let first = try await server.send(.get, "/policies?sub=role:admin").json["policies"]?.arrayValue?.first
        #expect(first?["source"] == "file" && first?["created_at"] == nil)
        let id = try #require(first?["id"]?.stringValue)
        let answer = try await server.send(.delete, "/policies/\(id)")
        #expect(answer.status == 409 && answer.code == "rule_of_file")
        #expect(try await server.send(.delete, "/roles/admin").code == "rule_of_file")
    }

    @Test func theLastOneWhoMayChangeRulesIsNotLockedOut() async throws {
        let denial: JSONValue = ["sub": "admin", "obj": "*", "act": "*", "eft": "deny"]
        let answer = try await server.send(.post, "/policies", denial)
        #expect(answer.status == 409 && answer.code == "lockout")
        #expect(try await server.send(.get, "/policies").status == 200)
        let trial = try await server.send(.post, "/policies:dry_run", ["add": ["policies": [denial]]])
        #expect(trial.status == 200 && trial.json["lockout"]?.stringValue?.contains("admin") == true)
    }

    @Test func repeatsAChangeForTheSameKeyOnce() async throws {
        let fields: HTTPFields = ["Idempotency-Key": "k1"]
        let first = try await server.send(.post, "/policies", Self.policy, fields: fields)
        let again = try await server.send(.post, "/policies", Self.policy, fields: fields)
        #expect(again.status == 201 && again.json == first.json)
        let other = try await server.send(.post, "/policies", Self.policy)
        #expect(other.status == 409 && other.code == "policy_exists")
        let reused = try await server.send(
            .post, "/policies", ["sub": "bob", "obj": "*", "act": "*"], fields: fields)
        #expect(reused.status == 422)
    }

    @Test func listsEveryRuleOnceOverItsPages() async throws {
        for name in ["a", "b", "c"] { try await server.send(.post, "/roles", ["name": .string(name)]) }
        var names: [String] = []
        var next = ""
        repeat {
            let page = try await server.send(.get, "/roles?page_size=4\(next)").json
            names += (page["roles"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
            next = page["next_page_token"]?.stringValue.map { "&page_token=" + $0 } ?? ""
        } while !next.isEmpty
        #expect(names.suffix(3) == ["a", "b", "c"] && names.first == "admin")
        #expect(Set(names).count == names.count && names.count == 18)
        #expect(try await server.send(.get, "/roles?page_token=x").wrongFields == ["page_token"])
    }

    @Test func tellsWhichDecisionsAChangeWouldTurn() async throws {
        _ = try await server.send(.get, "/metrics")
        let change: JSONValue = [
            "add": [
                "roles": [["name": "quiet"]],
                "policies": [["sub": "role:quiet", "obj": "metrics", "act": "*", "eft": "deny"]],
                "role_bindings": [["sub": "admin", "role": "role:quiet"]],
            ]
        ]
        let result = try await server.send(.post, "/policies:dry_run", change).json
        let changes = try #require(result["changes"]?.arrayValue)
        #expect(changes.count == 1)
        #expect(changes[0]["obj"] == "metrics" && changes[0]["allowed_before"] == true)
        #expect(changes[0]["rule_after"] == "p, role:quiet, metrics, *, deny")
        #expect(result["lockout"] == nil)
        #expect(try await server.send(.get, "/roles/quiet").status == 404)
        #expect(try await server.send(.get, "/metrics").status == 200)
    }
}
