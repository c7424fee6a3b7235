import Dapr
import Domain
import HTTP
import JSON
import Persistence
import TestSupport
import Testing

@testable import ModelManagement

struct ModelCheckTests {
    let models: ModelServerUnderTest

    init() throws { models = try ModelServerUnderTest() }

    @Test func findsNothingInARegistryThatAgrees() async throws {
        let model = try await models.create()
        try await models.addVersion(to: model)
        #expect(try await models.server.send(.put, "\(model)/aliases/production", ["version": 1]).status == 200)
        let report = try await models.check.check(repairing: true)
        #expect(report.findings.isEmpty)
        #expect(report.checked == ["models": 1])
    }

    @Test func removesAnAliasThatPointsToNoVersion() async throws {
        let model = try await models.create()
        try await models.addVersion(to: model)
        for alias in ["production", "old"] {
            #expect(try await models.server.send(.put, "\(model)/aliases/\(alias)", ["version": 1]).status == 200)
        }
        try await change(model) { $0["aliases"] = ["production": 1, "old": 7] }
        let found = try await models.server.send(.get, "/consistency").json
        #expect(found["findings"]?.arrayValue?.map { $0["kind"] } == ["alias_without_version"])
        #expect(try await models.server.send(.get, model).json["aliases"]?["old"] == 7)
        let mended = try await models.server.send(.post, "/consistency:repair").json
        #expect(mended["findings"]?.arrayValue?.map { $0["repaired"] } == [true])
        #expect(try await models.server.send(.get, model).json["aliases"] == ["production": 1])
        #expect(try await models.server.send(.get, "/consistency").json["findings"] == [])
    }

    @Test func listsAgainWhatHasNoNameOrNoRecord() async throws {
        let kept = try await models.create("kept")
        let lost = try await models.create("lost")
        try await models.memory.transact([
            .delete(key: "name:model:kept", etag: nil), .delete(key: key(lost), etag: nil),
        ])
        let report = try await models.check.check(repairing: true)
        #expect(Set(report.findings.map(\.kind)) == ["record_without_name", "index_without_record"])
        #expect(report.findings.allSatisfy { $0.isRepaired })
        #expect(try await models.server.send(.get, "/models?name=kept").json["models"]?.arrayValue?.count == 1)
        #expect(try await models.server.send(.get, "/models").json["models"]?.arrayValue?.count == 1)
        // The name of the one that is gone leads nowhere, and is free.
        _ = try await models.create("lost")
        #expect(try await models.server.send(.get, kept).status == 200)
    }

    @Test func goesOnPastARecordThatItCannotRead() async throws {
        let broken = try await models.create("broken")
        let other = try await models.create("other")
        try await models.memory.transact([.delete(key: "name:model:other", etag: nil)])
        try await change(broken) { $0["name"] = "NOT A NAME" }
        let report = try await models.check.check(repairing: true)
        #expect(report.findings.map(\.kind).contains("unreadable_record"))
        #expect(report.findings.contains { $0.kind == "record_without_name" && $0.subject == key(other) })
    }

    private func key(_ path: String) -> String { "model:\(path.split(separator: "/")[1])" }

    private func change(_ path: String, _ body: (inout JSONObject) -> Void) async throws {
        let stored = try #require(try await models.memory.get(key(path)))
        var document = try #require(try JSONParser.parse(stored.value).objectValue)
        body(&document)
        try await models.memory.transact([
            .upsert(key: key(path), value: JSONWriter.bytes(.object(document)), condition: .always)
        ])
    }
}
