import Domain
import HTTP
import JSON
import ModelServingCore
import TestSupport
import Testing

@testable import ModelServing

struct UsageRoutesTests {
    let serving: ServingUnderTest

    init() throws { serving = try ServingUnderTest() }

    private func report(
        _ sequence: Int64, _ counts: [String: JSONValue], incarnation: String = "a", gateway: String = "gateway-1"
    ) async throws -> InProcessServer.Answer {
        let instances = counts.sorted { $0.key < $1.key }.map { id, counts -> JSONValue in
            ["id": .string(id), "counts": counts]
        }
        return try await serving.server.send(
            .post, "/usage_reports",
            [
                "gateway_id": .string(gateway), "incarnation": .string(incarnation), "sequence": .integer(sequence),
                "instances": .array(instances),
            ])
    }

    private func instance(_ path: String) async throws -> JSONValue {
        try #require(try await serving.get(path)["instances"]?.arrayValue?.first)
    }

    @Test func addsEachReportOnce() async throws {
        let path = try await serving.create()
        let id = try #require(try await instance(path)["id"]?.stringValue)
        let counts: JSONValue = ["requests": 3, "errors": 1, "prompt_tokens": 70, "completion_tokens": 9]
        for applied in [true, false] {
            let answer = try await report(1, [id: counts])
            #expect(answer.status == 200 && answer.json["applied"]?.boolValue == applied)
        }
        #expect(try await report(2, [id: counts]).json["applied"]?.boolValue == true)
        #expect(try await report(1, [id: counts]).json["applied"]?.boolValue == false)
        let served = try await instance(path)
        #expect(served["processed_requests"]?.integerValue == 6)
        #expect(served["failed_requests"]?.integerValue == 2)
        #expect(served["prompt_tokens"]?.integerValue == 140)
        #expect(served["completion_tokens"]?.integerValue == 18)
        for target in ["\(path)/instances/\(id)", "/model_services/\(id)"] {
            let text = try await serving.server.send(.get, target).text
            #expect(text.contains(#""processed_requests":6"#), "\(target)")
        }
        #expect(try await serving.server.send(.get, "/model_services").text.contains(#""processed_requests":6"#))
    }

    @Test func countsWhatSeveralGatewaysAndIncarnationsSay() async throws {
        let path = try await serving.create()
        let id = try #require(try await instance(path)["id"]?.stringValue)
        for (gateway, incarnation) in [("one", "a"), ("one", "b"), ("two", "a")] {
            let answer = try await report(1, [id: ["requests": 1]], incarnation: incarnation, gateway: gateway)
            #expect(answer.json["applied"]?.boolValue == true)
        }
        #expect(try await report(1, [id: ["requests": 1]], gateway: "one").json["applied"]?.boolValue == false)
        #expect(try await instance(path)["processed_requests"]?.integerValue == 3)
    }

    @Test func forgetsTheCountsWithTheirInstanceAndLeavesOutUnknownOnes() async throws {
        let path = try await serving.create()
        let id = try #require(try await instance(path)["id"]?.stringValue)
        let unknown = "01920000-0000-7000-8000-00000000dead"
        #expect(try await report(1, [id: ["requests": 1], unknown: ["requests": 1]]).status == 200)
        try await serving.settle()
        _ = try await serving.server.send(.delete, path)
        try await serving.settle()
        #expect(!serving.memory.keys.contains { $0.hasPrefix("usage:") })
        #expect(try await report(2, [id: ["requests": 1]]).status == 200)
        #expect(!serving.memory.keys.contains { $0.hasPrefix("usage:") })
    }

    @Test func countsOnceThroughAStoreThatLosesAnswers() async throws {
        let serving = try ServingUnderTest(seed: 7, faults: .init(lostAnswer: 0.3))
        let path = try await serving.create()
        let id = try #require(try await serving.get(path)["instances"]?.arrayValue?.first?["id"]?.stringValue)
        for sequence in 1...20 as ClosedRange<Int64> {
            var status: Int?
            for _ in 0..<50 where status != 200 {
                status = try await serving.server.send(
                    .post, "/usage_reports",
                    [
                        "gateway_id": "g", "incarnation": "a", "sequence": .integer(sequence),
                        "instances": [["id": .string(id), "counts": ["requests": 1]]],
                    ]
                ).status
            }
            #expect(status == 200)
        }
        let text = try await serving.server.send(.get, path).text
        #expect(text.contains(#""processed_requests":20"#), "\(text)")
    }

    @Test(
        arguments: [
            ["gateway_id": "", "incarnation": "a", "sequence": 1, "instances": []],
            ["gateway_id": "a|b", "incarnation": "a", "sequence": 1, "instances": []],
            ["gateway_id": "a", "incarnation": "a", "sequence": 0, "instances": []],
            ["gateway_id": "a", "incarnation": "a", "sequence": 1],
            ["gateway_id": "a", "incarnation": "a", "sequence": 1, "instances": [["id": "x", "counts": [:]]]],
            [
                "gateway_id": "a", "incarnation": "a", "sequence": 1,
                "instances": [["id": "01920000-0000-7000-8000-00000000dead", "counts": ["requests": -1]]],
            ],
        ] as [JSONValue])
    func refusesWhatIsNoReport(body: JSONValue) async throws {
        #expect(try await serving.server.send(.post, "/usage_reports", body).status == 400)
    }
}
