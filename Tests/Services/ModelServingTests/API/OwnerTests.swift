import Domain
import HTTP
import JSON
import TestSupport
import Testing

@testable import ModelServing

struct OwnerTests {
    private let serving: ServingUnderTest

    init() throws { serving = try ServingUnderTest() }

    @Test func belongsToWhoMadeItUnlessSaidOtherwise() async throws {
        #expect(try await serving.get(try await serving.create("mine"))["owner_id"] == "admin")
        let given = try await serving.create("given", [("owner_id", "alice@example.com")])
        #expect(try await serving.get(given)["owner_id"] == "alice@example.com")
    }

    @Test func canBeGivenAway() async throws {
        let path = try await serving.create()
        let before = try await serving.server.send(.get, path)
        let after = try await serving.server.send(.put, path, ["owner_id": "bob"])
        #expect(after.json["owner_id"] == "bob")
        #expect(after.json["revision"] == before.json["revision"])
        #expect(after.fields["ETag"] == "\"2\"")
        let events = try await serving.get("\(path)/events")["events"]?.arrayValue ?? []
        #expect(
            events.contains { $0["reason"] == "OwnerChanged" && $0["message"]?.stringValue?.contains("bob") == true })
        #expect(try await serving.server.send(.put, path, ["owner_id": "bob"]).fields["ETag"] == "\"2\"")
        #expect(try await serving.server.send(.put, path, ["replicas": 2]).json["owner_id"] == "bob")
    }

    @Test func isNotGivenAwayWhileItIsBeingDeleted() async throws {
        let path = try await serving.create()
        try await serving.settle()
        #expect(try await serving.server.send(.delete, path).status == 202)
        #expect(try await serving.server.send(.put, path, ["owner_id": "bob"]).code == "being_deleted")
    }

    @Test(
        arguments: [
            "", " ", "a\nb", "\u{200B}", " alice", .string(String(repeating: "a", count: 257)), "role:admin",
            "group:staff", 7, [],
        ] as [JSONValue])
    func refusesWhatIsNobodysName(owner: JSONValue) async throws {
        let made = try await serving.server.send(
            .post, "/model_services", ServingUnderTest.wanted("chat", [("owner_id", owner)]))
        #expect(made.status == 400)
        #expect(made.wrongFields == ["/owner_id"])
        let path = try await serving.create()
        #expect(try await serving.server.send(.put, path, ["owner_id": owner]).wrongFields == ["/owner_id"])
    }
}
