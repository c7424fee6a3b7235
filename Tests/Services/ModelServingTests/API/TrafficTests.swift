import Contracts
import Domain
import FoundationEssentials
import HTTP
import JSON
import TestSupport
import Testing

@testable import ModelServing

/// Balancing, flow control and canaries, from the request to the route.
struct TrafficTests {
    let serving: ServingUnderTest
    var server: InProcessServer { serving.server }

    init() throws { serving = try ServingUnderTest() }

    private func traffic() async throws -> RouteTraffic? {
        let text = try await server.send(.get, "/routes").text
        let table = try JSONDecoder().decode(RouteTableDocument.self, from: Data(text.utf8))
        return table.routes.first?.traffic
    }

    private func change(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        let answer = try await server.send(.put, path, body)
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json
    }

    @Test func saysNothingWhereNothingIsOtherThanUsual() async throws {
        let path = try await serving.create(
            "chat", [("balancing", "least_outstanding"), ("flow_control", [:]), ("canary_percent", 10)])
        try await serving.settle()
        #expect(try await traffic() == nil)
        let service = try await serving.get(path)
        #expect(service["balancing"] == "least_outstanding")
        #expect(service["flow_control"] == nil && service["canary_percent"] == nil)
    }

    @Test func tellsGatewaysWhatIsWanted() async throws {
        let flow: JSONValue = ["concurrency": 4, "queue_length": 0, "queue_seconds": 600]
        let path = try await serving.create("chat", [("balancing", "prefix_affinity"), ("flow_control", flow)])
        #expect(try await traffic() == nil, "nobody can be sent anything yet")
        try await serving.settle()
        #expect(
            try await traffic()
                == RouteTraffic(
                    balancing: .prefixAffinity,
                    flowControl: RouteTraffic.FlowControl(concurrency: 4, queueLength: 0, queueSeconds: 600)))
        let instance = try await serving.get(path)["instances"]?.arrayValue?.first?["id"]
        let service = try await change(path, ["flow_control": ["queue_length": 7]])
        #expect(service["flow_control"] == ["queue_length": 7] && service["balancing"] == "prefix_affinity")
        #expect(service["revisions"]?.arrayValue?.map { $0["flow_control"] } == [flow, ["queue_length": 7]])
        #expect(service["revisions"]?.arrayValue?.map { $0["balancing"] } == ["prefix_affinity", "prefix_affinity"])
        #expect(service["instances"]?.arrayValue?.first?["id"] == instance && service["status"] == "running")
        #expect(try await traffic()?.flowControl == RouteTraffic.FlowControl(queueLength: 7))
        _ = try await change(path, ["flow_control": [:], "balancing": "least_outstanding"])
        #expect(try await traffic() == nil)
    }

    @Test func tellsNothingOfAServiceThatSleeps() async throws {
        let path = try await serving.create(
            "chat", [("replicas", 0), ("balancing", "prefix_affinity"), ("flow_control", ["concurrency": 1])])
        #expect(try await traffic() == nil)
        let tag = try await server.send(.get, "/routes").fields["ETag"]
        _ = try await change(path, ["flow_control": ["concurrency": 2]])
        #expect(try await server.send(.get, "/routes").fields["ETag"] == tag)
        #expect(try await ServiceRecordsCheck(repository: serving.repository).check(repairing: false).findings.isEmpty)
    }

    @Test func weighsACanaryUntilItTakesOver() async throws {
        let path = try await serving.create("chat", [("version", "1"), ("replicas", 3)])
        try await serving.settle()
        let begun = try await change(path, ["version": "2", "canary_percent": 10])
        #expect(begun["canary_percent"] == 10 && begun["status"] == "updating")
        #expect(try await traffic() == nil, "the canary is not ready")
        try await serving.settle()
        let service = try await serving.get(path)
        #expect(service["status"] == "running" && service["ready_replicas"] == 4 && service["replicas"] == 3)
        let shares: JSONValue = [["revision": 1, "percent": 90], ["revision": 2, "percent": 10]]
        #expect(service["traffic"] == shares)
        #expect(service["revisions"]?.arrayValue?.map { $0["canary_percent"] } == [nil, 10])
        #expect(try await traffic()?.weights == [.init(revision: 1, percent: 90), .init(revision: 2, percent: 10)])

        #expect(try await change(path, ["visibility": "public"])["canary_percent"] == 10, "what is absent stays")
        #expect(try await traffic()?.weights == [.init(revision: 1, percent: 90), .init(revision: 3, percent: 10)])
        #expect(try await change(path, ["canary_percent": 60])["canary_percent"] == 60)
        try await serving.settle()
        #expect(try await serving.get(path)["ready_replicas"] == 5)

        #expect(try await change(path, ["canary_percent": 100])["canary_percent"] == nil)
        try await serving.settle()
        let promoted = try await serving.get(path)
        #expect(promoted["ready_replicas"] == 3 && promoted["resolved_version"] == 2)
        #expect(promoted["traffic"] == [["revision": 5, "percent": 100]])
        #expect(try await traffic() == nil)
    }

    @Test(arguments: [nil, 100] as [JSONValue]) func endsACanaryByNullOrAHundred(percent: JSONValue) async throws {
        let path = try await serving.create("chat", [("version", "1")])
        try await serving.settle()
        _ = try await change(path, ["version": "2", "canary_percent": 50])
        try await serving.settle()
        _ = try await change(path, ["canary_percent": percent])
        try await serving.settle()
        let service = try await serving.get(path)
        #expect(service["canary_percent"] == nil && service["traffic"] == [["revision": 3, "percent": 100]])
        #expect(service["resolved_version"] == 2)
    }

    @Test func takesACanaryDownByARollBack() async throws {
        let path = try await serving.create("chat", [("version", "1"), ("replicas", 2)])
        try await serving.settle()
        let stable = serving.runtime.running
        _ = try await change(path, ["version": "17", "canary_percent": 50])
        try await serving.settle()
        let failed = try await serving.get(path)
        #expect(failed["status"] == "degraded" && failed["failure"]?["reason"] == "ModelNotFound")
        #expect(failed["operator_action"]?.stringValue?.contains("roll the service back") == true)
        #expect(failed["traffic"] == [["revision": 1, "percent": 100]])
        let back = try await server.send(.post, "\(path)/rollback")
        #expect(back.status == 202 && back.json["canary_percent"] == nil && back.json["model_version"] == "1")
        try await serving.settle()
        #expect(try await serving.get(path)["status"] == "running")
        #expect(serving.runtime.running == stable)
    }

    @Test func findsWhatIsWrongInADryRun() async throws {
        let answer = try await server.send(
            .post, "/model_services:validate",
            ServingUnderTest.wanted(
                "chat",
                [
                    ("balancing", "random"), ("canary_percent", 0),
                    ("flow_control", ["concurrency": 0, "queue_seconds": 601, "queue": 1]),
                ]))
        let fields = answer.json["problems"]?.arrayValue?.compactMap { $0["field"]?.stringValue } ?? []
        #expect(
            fields.sorted() == [
                "/balancing", "/canary_percent", "/flow_control/concurrency", "/flow_control/queue",
                "/flow_control/queue_seconds",
            ])
    }
}
