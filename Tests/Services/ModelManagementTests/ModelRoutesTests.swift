import Dapr
import Domain
import HTTP
import JSON
import TestSupport
import Testing

struct ModelRoutesTests {
    let models: ModelServerUnderTest
    var server: InProcessServer { models.server }

    init() throws { models = try ModelServerUnderTest() }

    static let full: JSONValue = [
        "name": "tiny-chat", "description": "Answers six questions.\nIn two lines.", "owner_id": "team-a",
        "metadata": [
            "input_schema": ["type": "object", "big": 9_007_199_254_740_993, "a": 1.5],
            "output_schema": ["type": "string"], "token_context_limit": 4096,
        ],
    ]

    @Test func givesBackWhatWasCreated() async throws {
        let created = try await server.send(.post, "/models", Self.full)
        #expect(created.status == 201)
        #expect(created.fields["ETag"] == "\"1\"")
        let id = try #require(created.json["id"]?.stringValue)
        #expect(created.fields["Location"] == "/models/\(id)")
        let answer = try await server.send(.get, "/models/\(id)")
        #expect(answer.status == 200)
        #expect(answer.fields["ETag"] == "\"1\"")
        #expect(answer.json["name"] == "tiny-chat")
        #expect(answer.json["description"] == "Answers six questions.\nIn two lines.")
        #expect(answer.json["owner_id"] == "team-a")
        #expect(answer.json["metadata"] == Self.full["metadata"])
        #expect(answer.json["versions"] == [])
        #expect(answer.json["aliases"] == [:])
        #expect(answer.json["created_at"]?.stringValue.flatMap(Timestamp.init) == models.time.now)
    }

    @Test func belongsToItsCreatorUnlessSaidOtherwise() async throws {
        let path = try await models.create()
        #expect(try await server.send(.get, path).json["owner_id"] == "admin")
    }

    @Test func refusesANameThatIsTaken() async throws {
        _ = try await models.create("demo")
        let answer = try await server.send(.post, "/models", ["name": "demo"])
        #expect(answer.status == 409)
        #expect(answer.code == "name_taken")
    }

    @Test func replacesWhatWasSaid() async throws {
        let created = try await server.send(.post, "/models", Self.full)
        let path = try #require(created.fields["Location"])
        try await models.addVersion(to: path)
        models.time.advance(by: .seconds(5))
        let answer = try await server.send(.put, path, ["name": "renamed"])
        #expect(answer.status == 200)
        #expect(answer.json["name"] == "renamed")
        #expect(answer.json["description"] == "")
        #expect(answer.json["metadata"] == [:])
        #expect(answer.json["owner_id"] == "team-a")
        #expect(answer.json["versions"]?.arrayValue?.count == 1)
        #expect(answer.fields["ETag"] == "\"3\"")
        #expect(answer.json["updated_at"] != answer.json["created_at"])
        #expect(try await server.send(.get, path).json == answer.json)
        #expect(try await server.send(.get, "/models?name=tiny-chat").json["models"] == [])
        #expect(try await server.send(.get, "/models?name=renamed").json["models"]?.arrayValue?.count == 1)
    }

    @Test func changesOnlyWhatTheCallerHasSeen() async throws {
        let path = try await models.create()
        let first: HTTPFields = ["If-Match": "\"1\""]
        #expect(try await server.send(.put, path, ["name": "demo"], fields: first).status == 200)
        let stale = try await server.send(.put, path, ["name": "demo"], fields: first)
        #expect(stale.status == 412)
        #expect(stale.code == "precondition_failed")
        #expect(try await server.send(.delete, path, fields: first).status == 412)
        #expect(try await server.send(.delete, path, fields: ["If-Match": "\"2\""]).status == 204)
    }

    @Test func deletesAModelWithAllThatBelongsToIt() async throws {
        let path = try await models.create()
        try await models.addVersion(to: path, [("model_definition", "models: []\n")])
        try await models.addVersion(to: path, [("model_definition", "models: []\n")])
        #expect(try await server.send(.delete, path).status == 204)
        #expect(try await server.send(.get, path).status == 404)
        #expect(try await server.send(.delete, path).status == 404)
        #expect(models.memory.keys.allSatisfy { $0.hasPrefix("index:") })
        _ = try await models.create()
    }

    @Test func listsInPages() async throws {
        for number in 1...7 { _ = try await models.create("model-\(number)") }
        var names: [String] = []
        var target = "/models?page_size=3"
        for _ in 0..<3 {
            let page = try await server.send(.get, target)
            #expect(page.status == 200)
            names += (page.json["models"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
            guard let token = page.json["next_page_token"]?.stringValue else { break }
            target = "/models?page_size=3&page_token=\(token)"
        }
        #expect(names == (1...7).map { "model-\($0)" })
    }

    @Test func takesARepeatedRequestForOne() async throws {
        let fields: HTTPFields = ["Idempotency-Key": "7c1b"]
        let first = try await server.send(.post, "/models", ["name": "demo"], fields: fields)
        let second = try await server.send(.post, "/models", ["name": "demo"], fields: fields)
        #expect(second.status == 201)
        #expect(second.json == first.json)
        #expect(second.fields["Location"] == first.fields["Location"])
        let other = try await server.send(.post, "/models", ["name": "other"], fields: fields)
        #expect(other.status == 422)
        #expect(other.code == "idempotency_key_reused")
    }

    @Test func addsOneModelThoughTheAnswerWasLost() async throws {
        let fields: HTTPFields = ["Idempotency-Key": "7c1b"]
        models.store.faults.lostAnswer = 1
        #expect(try await server.send(.post, "/models", ["name": "demo"], fields: fields).status == 503)
        models.store.faults.lostAnswer = 0
        #expect(try await server.send(.post, "/models", ["name": "demo"], fields: fields).status == 201)
        #expect(try await server.send(.get, "/models").json["models"]?.arrayValue?.count == 1)
    }

    @Test func addsOneModelWhoeverAsksAtTheSameTime() async throws {
        let fields: HTTPFields = ["Idempotency-Key": "7c1b"]
        models.store.faults.conflict = 0.2
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 {
                let replica = try models.replica()
                group.addTask { try await replica.send(.post, "/models", ["name": "demo"], fields: fields).text }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers.count == 1, "\(answers)")
        #expect(try await server.send(.get, "/models").json["models"]?.arrayValue?.count == 1)
    }

    @Test func failsFastWhileTheStoreIsAway() async throws {
        let path = try await models.create()
        models.memory.outage = .storeUnavailable("dial error")
        for (method, body) in [(HTTPMethod.get, nil), (.put, ["name": "x"] as JSONValue), (.delete, nil)] {
            let answer = try await server.send(method, path, body)
            #expect(answer.status == 503)
            #expect(answer.code == "state_store_unavailable")
            #expect(answer.fields["Retry-After"] == "2")
            #expect(!answer.text.contains("dial error"))
        }
        models.memory.outage = nil
        #expect(try await server.send(.get, path).status == 200)
    }
}
