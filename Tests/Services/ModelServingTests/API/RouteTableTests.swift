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
        _ = try await serving.create("other")
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
}
