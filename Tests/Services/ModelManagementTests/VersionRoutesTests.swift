import Contracts
import Domain
import FoundationEssentials
import HTTP
import JSON
import ModelManagementCore
import TestSupport
import Testing

struct VersionRoutesTests {
    let models: ModelServerUnderTest
    var server: InProcessServer { models.server }

    init() throws { models = try ModelServerUnderTest() }

    @Test func givesBackWhatWasRegistered() async throws {
        let path = try await models.create()
        let answer = try await server.send(
            .post, "\(path)/versions",
            [
                "model_file_url": "https://models.example/a%20b.gguf?x=1", "sha256": .string(digest.uppercased()),
                "size_bytes": 9_223_372_036_854_775_807, "format": "gguf", "model_definition": "models:\n- a: 1\n",
            ])
        #expect(answer.status == 201)
        #expect(answer.json == ["version": 1])
        #expect(answer.fields["Location"] == "\(path)/versions/1")
        let text = try await server.send(.get, "\(path)/versions/1").text
        let document = try JSONDecoder().decode(ModelVersionDocument.self, from: Data(text.utf8))
        #expect("/models/\(document.modelID)" == path)
        #expect(document.version == 1)
        #expect(document.modelFileURL == "https://models.example/a%20b.gguf?x=1")
        #expect(document.sha256 == digest)
        #expect(document.sizeBytes == Int64.max)
        #expect(document.format == "gguf")
        #expect(document.modelDefinition == "models:\n- a: 1\n")
        #expect(document.createdAt == models.time.now)
    }

    @Test func needsOnlyURLAndDigest() async throws {
        let path = try await models.create()
        try await models.addVersion(to: path)
        let text = try await server.send(.get, "\(path)/versions/1").text
        let document = try JSONDecoder().decode(ModelVersionDocument.self, from: Data(text.utf8))
        #expect(document.sizeBytes == nil && document.format == nil && document.modelDefinition == nil)
    }

    @Test func countsVersionsUpwards() async throws {
        let path = try await models.create()
        for number in Int64(1)...3 { #expect(try await models.addVersion(to: path) == number) }
        let page = try await server.send(.get, "\(path)/versions?page_size=2")
        #expect(page.json["versions"]?.arrayValue?.compactMap { $0["version"]?.integerValue } == [1, 2])
        let token = try #require(page.json["next_page_token"]?.stringValue)
        let rest = try await server.send(.get, "\(path)/versions?page_size=2&page_token=\(token)")
        #expect(rest.json["versions"]?.arrayValue?.compactMap { $0["version"]?.integerValue } == [3])
        #expect(rest.json["next_page_token"] == nil)
    }

    @Test func findsAVersionByNumberAliasAndLatest() async throws {
        let path = try await models.create()
        for _ in 1...3 { try await models.addVersion(to: path) }
        #expect(try await server.send(.put, "\(path)/aliases/production", ["version": 2]).status == 200)
        for (selector, number) in [("1", 1), ("production", 2), ("latest", 3)] {
            let answer = try await server.send(.get, "\(path)/versions/\(selector)")
            #expect(answer.json["version"] == .integer(Int64(number)))
        }
        #expect(try await server.send(.get, path).json["aliases"] == ["production": 2])
        #expect(try await server.send(.put, "\(path)/aliases/production", ["version": 3]).status == 200)
        #expect(try await server.send(.get, "\(path)/versions/production").json["version"] == 3)
        #expect(try await server.send(.delete, "\(path)/aliases/production").status == 204)
        #expect(try await server.send(.delete, "\(path)/aliases/production").status == 404)
        #expect(try await server.send(.get, "\(path)/versions/production").status == 404)
    }

    @Test(arguments: ["4", "staging", "latest"]) func hasNoSuchVersion(selector: String) async throws {
        let path = try await models.create()
        let answer = try await server.send(.get, "\(path)/versions/\(selector)")
        #expect(answer.status == 404)
        #expect(answer.json["detail"]?.stringValue?.contains(selector) == true)
    }

    @Test(arguments: ["0", "01", "-1", "99999999999999999999", "A", "a%20b", "%0A", "a%2Fb"])
    func refusesWhatNamesNoVersion(selector: String) async throws {
        let path = try await models.create()
        let answer = try await server.send(.get, "\(path)/versions/\(selector)")
        #expect(answer.status == 400)
        #expect(answer.wrongFields == ["version"])
    }

    @Test(arguments: ["latest", "7", "A", "-a", "a%20b"]) func refusesABadAlias(alias: String) async throws {
        let path = try await models.create()
        try await models.addVersion(to: path)
        let answer = try await server.send(.put, "\(path)/aliases/\(alias)", ["version": 1])
        #expect(answer.status == 400)
        #expect(answer.wrongFields == ["alias"])
    }

    @Test func pointsNoAliasToAVersionThatIsNotThere() async throws {
        let path = try await models.create()
        let answer = try await server.send(.put, "\(path)/aliases/production", ["version": 1])
        #expect(answer.status == 422)
        #expect(answer.code == "no_such_version")
    }

    @Test func takesARepeatedRequestForOneVersion() async throws {
        let path = try await models.create()
        let body: JSONValue = ["model_file_url": "file:///a", "sha256": .string(digest)]
        for _ in 0..<3 {
            let answer = try await server.send(
                .post, "\(path)/versions", body, fields: ["Idempotency-Key": "once"])
            #expect(answer.json == ["version": 1])
        }
        #expect(try await models.addVersion(to: path) == 2)
    }

    @Test func addsOneVersionWhoeverAsksAndWhateverIsLost() async throws {
        let path = try await models.create()
        let body: JSONValue = ["model_file_url": "file:///a", "sha256": .string(digest), "model_definition": "a: b"]
        let fields: HTTPFields = ["Idempotency-Key": "once"]
        models.store.faults.lostAnswer = 1
        #expect(try await server.send(.post, "\(path)/versions", body, fields: fields).status == 503)
        models.store.faults = .init(conflict: 0.2)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 {
                let replica = try models.replica()
                group.addTask { try await replica.send(.post, "\(path)/versions", body, fields: fields).text }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers == [#"{"version":1}"#])
        models.store.faults = .init()
        #expect(try await server.send(.get, "\(path)/versions").json["versions"]?.arrayValue?.count == 1)
        let other: JSONValue = ["model_file_url": "file:///b", "sha256": .string(digest)]
        #expect(try await server.send(.post, "\(path)/versions", other, fields: fields).status == 422)
    }

    @Test func numbersManyVersionsAtOnceWithoutGaps() async throws {
        let path = try await models.create()
        let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<50 { group.addTask { try await models.addVersion(to: path) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.sorted() == Array(1...50))
    }

    @Test func stopsAtTheLimitAndStillDeletesAll() async throws {
        let path = try await models.create()
        for _ in 0..<ModelLimits.maximumVersions {
            try await models.addVersion(to: path, [("model_definition", "a: 1")])
        }
        let answer = try await server.send(
            .post, "\(path)/versions", ["model_file_url": "file:///a", "sha256": .string(digest)])
        #expect(answer.status == 409)
        #expect(answer.code == "too_many_versions")
        #expect(try await server.send(.delete, path).status == 204)
        #expect(models.memory.keys.allSatisfy { $0.hasPrefix("index:") })
    }
}
