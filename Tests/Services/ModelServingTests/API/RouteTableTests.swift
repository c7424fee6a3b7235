import Contracts
import FoundationEssentials
import HTTP
import JSON
import Observability
import TestSupport
import Testing

struct RouteTableTests {
    let serving: ServingUnderTest
    var server: InProcessServer { serving.server }

    init() throws { serving = try ServingUnderTest() }

    private func table() async throws -> (document: RouteTableDocument, tag: String) {
        let answer = try await server.send(.get, "/routes")
        #expect(answer.status == 200)
        return (
            try JSONDecoder().decode(RouteTableDocument.self, from: Data(answer.text.utf8)),
            try #require(answer.fields["ETag"])
        )
    }

    @Test func followsAServiceFromItsCreationToItsDeletion() async throws {
        let empty = try await table()
        #expect(empty.document.routes.isEmpty)
        let path = try await serving.create("chat", [("visibility", "public")])
        let created = try await table()
        #expect(created.document.routes.map(\.name) == ["chat"])
        #expect(created.document.routes[0].upstreams.isEmpty && created.document.routes[0].visibility == .public)
        try await serving.settle()
        let running = try await table()
        #expect(running.document.routes[0].upstreams.map(\.url) == ["http://127.0.0.1:40000"])
        _ = try await server.send(.delete, path)
        let deleting = try await table()
        #expect(deleting.document.routes.isEmpty, "forgotten at once, though its engine is still there")
        #expect(serving.runtime.running.count == 1)
        #expect(Set([empty.tag, created.tag, running.tag, deleting.tag]).count == 4)
    }

    @Test func answers304WhileNothingChanges() async throws {
        _ = try await serving.create("chat")
        try await serving.settle()
        let tag = try await table().tag
        let same = try await server.send(.get, "/routes", fields: ["If-None-Match": tag])
        #expect(same.status == 304 && same.text.isEmpty && same.fields["ETag"] == tag)
        _ = try await serving.create("other", [("visibility", "public")])
        #expect(try await server.send(.get, "/routes", fields: ["If-None-Match": tag]).status == 200)
    }

    @Test func keepsPollsOutOfTheLog() async throws {
        _ = try await table()
        #expect(server.log.lines.map(\.level) == [.debug])
    }

    @Test func doesNotChangeWithWhatTheGatewayDoesNotSee() async throws {
        let path = try await serving.create("chat", [("replicas", 0)])
        let before = try await table().tag
        _ = try await server.send(.post, "\(path)/retry")
        _ = try await server.send(.put, path, ["resource_requirements": ["cpu": 1]])
        #expect(try await table().tag == before)
    }

    private func shards(_ versions: [Int: Int64]) async throws -> [RouteShardsDocument.Shard] {
        let answer = try await server.send(.get, "/routes?versions=\(RouteShardsDocument.query(versions))")
        #expect(answer.status == 200, "\(answer.text)")
        return try JSONDecoder().decode(RouteShardsDocument.self, from: Data(answer.text.utf8)).shards
    }

    @Test func tellsOnlyTheShardsThatChanged() async throws {
        #expect(try await shards([:]).isEmpty)
        var known: [Int: Int64] = [:]
        for name in ["one", "two", "three"] {
            _ = try await serving.create(name, [("visibility", "public")])
            let changed = try await shards(known)
            #expect(changed.flatMap(\.routes).map(\.name).contains(name))
            #expect(known.isEmpty || changed.count == 1)
            for shard in changed { known[shard.shard] = shard.version }
            #expect(try await shards(known).isEmpty)
        }
        let everything = try await shards([:])
        #expect(Set(everything.flatMap(\.routes).map(\.name)) == ["one", "two", "three"])
        #expect(try await table().document.routes.count == 3)
        known[everything[0].shard] = 999
        #expect(try await shards(known) == [everything[0]], "whatever the caller believes to know")
    }

    /// There may be many services that nobody can use. They cost the gateway nothing.
    @Test func tellsNothingOfAServiceThatSleeps() async throws {
        let path = try await serving.create("chat", [("replicas", 0)])
        try await serving.settle()
        #expect(try await shards([:]).isEmpty)
        #expect(!serving.memory.keys.contains { $0.hasPrefix("routes") })
        _ = try await server.send(.post, "\(path)/tokens", ["name": "first"])
        let awake = try await shards([:])
        #expect(awake.flatMap(\.routes).map(\.name) == ["chat"])
        _ = try await server.send(.delete, path)
        let after = try await shards([awake[0].shard: awake[0].version])
        #expect(after.count == 1 && after[0].routes.isEmpty)
    }

    @Test(arguments: ["1", "1:", "a:b", "1:2;3:4", String(repeating: "1:1,", count: 1000)])
    func refusesWhatAreNoVersions(versions: String) async throws {
        #expect(try await server.send(.get, "/routes?versions=\(versions)").status == 400)
    }
}
