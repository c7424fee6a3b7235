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
