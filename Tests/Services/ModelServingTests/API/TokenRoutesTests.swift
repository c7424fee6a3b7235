import Cryptography
import Dapr
import HTTP
import JSON
import Observability
import TestSupport
import Testing

struct TokenRoutesTests {
    let serving: ServingUnderTest
    var server: InProcessServer { serving.server }

    init() throws { serving = try ServingUnderTest() }

    @Test func showsATokenOnceAndKeepsItsDigest() async throws {
        let path = try await serving.create()
        let issued = try await server.send(.post, "\(path)/tokens", ["name": "laptop", "expires_in_seconds": 60])
        #expect(issued.status == 201 && issued.fields["Cache-Control"] == "no-store")
        let text = try #require(issued.json["token"]?.stringValue)
        let id = try #require(issued.json["id"]?.stringValue)
        #expect(issued.fields["Location"] == "\(path)/tokens/\(id)")
        let list = try await server.send(.get, "\(path)/tokens")
        #expect(list.json["tokens"]?.arrayValue?.first?["name"] == "laptop")
        #expect(list.json["tokens"]?.arrayValue?.first?["expires_at"]?.stringValue != nil)
        let routes = try await server.send(.get, "/routes")
        #expect(routes.text.contains(SHA256.hash(text).hex))
        var everything = list.text + routes.text + (try await server.send(.get, path)).text
        for key in serving.memory.keys {
            everything += try await serving.memory.get(key).map { String(decoding: $0.value, as: UTF8.self) } ?? ""
        }
        everything += server.log.lines.map(\.json).joined()
        #expect(!everything.contains(text), "the secret is nowhere")
    }

    @Test(arguments: ["a", "My laptop", "ci_runner-2.prod", String(repeating: "x", count: 63)])
    func takesNamesThatEveryTableCanShow(name: String) async throws {
        let path = try await serving.create()
        #expect(try await server.send(.post, "\(path)/tokens", ["name": .string(name)]).json["name"] == .string(name))
    }

    @Test(
        arguments: [
            nil, "", " a", "a ", "a\tb", "a\u{0}", "naïve", "<b>", "\u{202E}drow",
            .string(String(repeating: "x", count: 64)), 7,
            ["a"],
        ] as [JSONValue])
    func refusesOtherNames(name: JSONValue) async throws {
        let path = try await serving.create()
        let answer = try await server.send(.post, "\(path)/tokens", ["name": name])
        #expect(answer.status == 400)
        #expect(answer.wrongFields == ["/name"])
        #expect(try await serving.get("\(path)/tokens")["tokens"] == [])
    }

    @Test func answersARepeatedRequestWithTheSameToken() async throws {
        let path = try await serving.create()
        let key: HTTPFields = ["Idempotency-Key": "once"]
        let answers = try await withThrowingTaskGroup(of: JSONValue.self) { group in
            for _ in 0..<10 {
                group.addTask { try await server.send(.post, "\(path)/tokens", ["name": "a"], fields: key).json }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(answers.map { JSONWriter.text($0) }).count == 1)
        let text = try #require(answers.first?["token"]?.stringValue)
        let issued = try await serving.get("\(path)/tokens")["tokens"]?.arrayValue
        #expect(issued?.count == 1)
        #expect(try await server.send(.get, "/routes").text.contains(SHA256.hash(text).hex))
        let other = try await server.send(.post, "\(path)/tokens", ["name": "b"], fields: key)
        #expect(other.status == 422 && other.code == "idempotency_key_reused")
        let others = try await server.send(
            .post, "\(path)/tokens", ["name": "a"], fields: ["Idempotency-Key": "twice"])
        #expect(others.json["token"]?.stringValue != text)
    }

    @Test func keepsItsLimitsAndTellsThemToGateways() async throws {
        let path = try await serving.create()
        let limits: JSONValue = ["requests_per_minute": 60, "tokens_per_minute": 1_000_000_000]
        let key: HTTPFields = ["Idempotency-Key": "once"]
        let issued = try await server.send(.post, "\(path)/tokens", limits, fields: key)
        #expect(issued.json["requests_per_minute"] == 60 && issued.json["tokens_per_minute"] == 1_000_000_000)
        #expect(try await server.send(.post, "\(path)/tokens", limits, fields: key).json == issued.json)
        let other = try await server.send(.post, "\(path)/tokens", ["requests_per_minute": 61], fields: key)
        #expect(other.code == "idempotency_key_reused")
        let free = try await server.send(.post, "\(path)/tokens")
        #expect(free.json["requests_per_minute"] == nil && free.json["tokens_per_minute"] == nil)
        for list in [
            try await serving.get("\(path)/tokens")["tokens"],
            try await serving.get("/routes")["routes"]?.arrayValue?.first?["tokens"],
        ] {
            #expect(list?.arrayValue?.map { $0["requests_per_minute"] } == [60, nil])
            #expect(list?.arrayValue?.map { $0["tokens_per_minute"] } == [1_000_000_000, nil])
        }
    }

    @Test func doesNotBringARevokedTokenBack() async throws {
        let path = try await serving.create()
        let key: HTTPFields = ["Idempotency-Key": "once"]
        let first = try await server.send(.post, "\(path)/tokens", fields: key)
        let id = try #require(first.json["id"]?.stringValue)
        #expect(try await server.send(.delete, "\(path)/tokens/\(id)").status == 204)
        #expect(try await server.send(.post, "\(path)/tokens", fields: key).json == first.json)
        #expect(try await serving.get("\(path)/tokens")["tokens"] == [])
    }

    @Test func issuesOneTokenThoughTheAnswerWasLost() async throws {
        let path = try await serving.create()
        let key: HTTPFields = ["Idempotency-Key": "once"]
        let body: JSONValue = ["expires_in_seconds": 60]
        serving.store.faults.lostAnswer = 1
        #expect(try await server.send(.post, "\(path)/tokens", body, fields: key).status == 503)
        serving.store.faults.lostAnswer = 0
        serving.time.advance(by: .seconds(90))
        let again = try await server.send(.post, "\(path)/tokens", body, fields: key)
        #expect(again.status == 201 && again.json["token"]?.stringValue?.hasPrefix("slp_") == true)
        #expect(try await serving.get("\(path)/tokens")["tokens"]?.arrayValue?.count == 1)
    }

    @Test func forgetsARevokedToken() async throws {
        let path = try await serving.create()
        let first = try await server.send(.post, "\(path)/tokens")
        let second = try await server.send(.post, "\(path)/tokens", [:])
        #expect(first.json["token"] != second.json["token"])
        let id = try #require(first.json["id"]?.stringValue)
        #expect(try await server.send(.delete, "\(path)/tokens/\(id)").status == 204)
        #expect(try await server.send(.delete, "\(path)/tokens/\(id)").status == 404)
        #expect(try await serving.get("\(path)/tokens")["tokens"]?.arrayValue?.count == 1)
        let routes = try await serving.get("/routes")["routes"]?.arrayValue
        #expect(routes?.first?["tokens"]?.arrayValue?.count == 1)
    }
}
