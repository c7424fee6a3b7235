import Dapr
import Domain
import HTTP
import JSON
import TestSupport
import Testing

@testable import ModelServing

struct ModelServiceRecordTests {
    /// Nobody but the admin could make anything then.
    @Test func whatIsOlderThanOwnersBelongsToTheAdmin() async throws {
        let serving = try ServingUnderTest()
        let path = try await serving.create("chat", [("owner_id", "alice")])
        let key = "service:\(path.dropFirst("/model_services/".count))"
        var old = try await stored(key, serving)
        old["owner_id"] = nil
        old["schema_version"] = 1
        try await serving.memory.transact([
            .upsert(key: key, value: JSONWriter.bytes(.object(old)), condition: .always)
        ])
        #expect(try await serving.get(path)["owner_id"] == "admin")
        #expect(try await serving.server.send(.put, path, ["replicas": 2]).status == 200)
        #expect(try await stored(key, serving)["owner_id"] == "admin")
        #expect(try await stored(key, serving)["schema_version"] == 2)
    }

    private func stored(_ key: String, _ serving: ServingUnderTest) async throws -> JSONObject {
        let entry = try #require(try await serving.memory.get(key))
        return try #require(try JSONParser.parse(entry.value).objectValue)
    }
}
