import Contracts
import Domain
import Foundation
import HTTP
import JSON
import ModelServingCore
import TestSupport
import Testing

@testable import ModelServing

/// An engine that is to go is left alone until every gateway has finished with it.
struct DrainTests {
    let serving: ServingUnderTest

    init() throws { serving = try ServingUnderTest() }

    private func report(_ gateway: String, _ versions: String, busy: [String] = []) async throws {
        let answer = try await serving.server.send(
            .post, "/gateway_reports",
            [
                "gateway_id": .string(gateway), "versions": .string(versions),
                "busy_instances": .array(busy.map(JSONValue.string)),
            ])
        #expect(answer.status == 204, "\(answer.text)")
    }

    /// Versions of all shards, as a gateway knows them that has just asked.
    private func versions() async throws -> String {
        let text = try await serving.server.send(.get, "/routes?versions=").text
        let shards = try JSONDecoder().decode(RouteShardsDocument.self, from: Data(text.utf8)).shards
        return RouteShardsDocument.query(Dictionary(uniqueKeysWithValues: shards.map { ($0.shard, $0.version) }))
    }

    /// A service whose only instance was just retired, and the instance's id.
    private func draining(
        _ end: (method: HTTPMethod, body: JSONValue?) = (.put, ["replicas": 0])
    ) async throws -> (path: String, service: ModelServiceID, instance: String) {
        let path = try await serving.create()
        try await serving.settle()
        let service = try #require(ModelServiceID(String(path.split(separator: "/").last ?? "")))
        let found = try #require(try await serving.repository.find(service)?.instances.first)
        _ = try await serving.server.send(end.method, path, end.body)
        return (path, service, found.id.description)
    }

    /// Looks until there is nothing to do at this moment, and tells whether the engine is still there.
    private func runs(_ service: ModelServiceID) async throws -> Bool {
        for _ in 0..<20 {
            guard case .now = try await serving.reconciler.look(at: service) else { break }
        }
        return !serving.runtime.running.isEmpty
    }

    @Test func waitsForEveryGatewayAndNoLongerThanThat() async throws {
        let old = try await versions()
        try await report("one", old)
        try await report("two", old)
        let (path, service, instance) = try await draining()
        #expect(try await runs(service), "both may be sending requests still")
        let new = try await versions()
        try await report("one", new)
        try await report("two", new, busy: [instance])
        serving.time.advance(by: .seconds(5))
        #expect(try await runs(service), "the second has one left")
        try await report("two", new)
        #expect(try await !runs(service))
        try await serving.settle()
        #expect(try await serving.get(path)["status"] == "stopped")
    }

    @Test func aServiceThatIsDeletedEndsItsRequestsFirst() async throws {
        try await report("one", try await versions())
        let (path, service, instance) = try await draining((.delete, nil))
        #expect(try await runs(service), "the gateway may be sending requests still")
        try await report("one", try await versions(), busy: [instance])
        serving.time.advance(by: .seconds(5))
        #expect(try await runs(service), "it has one left")
        try await report("one", try await versions())
        #expect(try await !runs(service))
        try await serving.settle()
        #expect(try await serving.server.send(.get, path).status == 404)
    }

    @Test func waitsNoLongerThanTheDeadline() async throws {
        let (_, service, instance) = try await draining()
        let policy = ReconciliationPolicy()
        var waited = Duration.zero
        try await report("one", try await versions(), busy: [instance])
        while try await runs(service), waited < policy.drainDeadline * 2 {
            serving.time.advance(by: .seconds(1))
            waited += .seconds(1)
            try await report("one", try await versions(), busy: [instance])
        }
        #expect((policy.drainDeadline...policy.drainDeadline + .seconds(1)).contains(waited))
    }

    @Test func doesNotWaitForAGatewayThatIsGone() async throws {
        try await report("gone", try await versions())
        serving.time.advance(by: DaprGatewayBook.silence)
        let (_, service, _) = try await draining()
        #expect(try await runs(service))
        serving.time.advance(by: ReconciliationPolicy().drainTime)
        #expect(try await !runs(service))
    }

    @Test(
        arguments: [
            ["versions": "", "busy_instances": []], ["gateway_id": "a", "versions": "x", "busy_instances": []],
            ["gateway_id": "a", "versions": "", "busy_instances": ["x"]],
        ] as [JSONValue])
    func refusesWhatIsNoReport(body: JSONValue) async throws {
        #expect(try await serving.server.send(.post, "/gateway_reports", body).status == 400)
    }
}
