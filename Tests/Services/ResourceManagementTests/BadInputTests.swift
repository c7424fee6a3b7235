import HTTP
import JSON
import TestSupport
import Testing

/// Whatever is sent, the answer is a problem document of class 4xx that names the field.
struct BadInputTests {
    let resources: ResourceServerUnderTest
    var server: InProcessServer { resources.server }

    init() throws { resources = try ResourceServerUnderTest() }

    struct Sample: Sendable, CustomTestStringConvertible {
        let field: String
        let changes: [(String, JSONValue?)]
        var testDescription: String { "\(field) by \(changes.map(\.0))" }

        init(_ field: String, _ changes: (String, JSONValue?)...) {
            self.field = field
            self.changes = changes
        }

        /// `good` with the changes; nil removes a member.
        func body(_ good: JSONValue) -> JSONValue {
            var object = good.objectValue ?? JSONObject()
            for (name, value) in changes { object[name] = value }
            return .object(object)
        }
    }

    static let long = String(repeating: "n", count: 10_000)
    static let labels = JSONObject((0..<33).map { ("l\($0)", "v") })

    static let pools: [Sample] = [
        Sample("/name", ("name", nil)), Sample("/name", ("name", "")), Sample("/name", ("name", .string(long))),
        Sample("/name", ("name", "A")), Sample("/name", ("name", "a\u{0}")), Sample("/name", ("name", 1)),
        Sample("/resource_type", ("resource_type", nil)), Sample("/resource_type", ("resource_type", "TPU")),
        Sample("/resource_type", ("resource_type", "gpu")), Sample("/resource_type", ("resource_type", 1)),
        Sample("/resource_type", ("resource_type", .string(long))),
        Sample("/total_capacity", ("total_capacity", nil)), Sample("/total_capacity", ("total_capacity", -1)),
        Sample("/total_capacity", ("total_capacity", "8")), Sample("/total_capacity", ("total_capacity", 1.5)),
        Sample("/total_capacity", ("total_capacity", 9_223_372_036_854_775_807)),
        Sample("/total_capacity", ("total_capacity", 1e30)),
        Sample("/location", ("location", "")), Sample("/location", ("location", .string(long))),
        Sample("/location", ("location", "a\nb")), Sample("/resource_group", ("resource_group", [])),
        Sample("/labels", ("labels", [])), Sample("/labels", ("labels", .object(labels))),
        Sample("/labels/a", ("labels", ["a": 1])), Sample("/labels", ("labels", ["a b": "c"])),
        Sample("/labels", ("labels", ["": "c"])), Sample("/labels", ("labels", ["ä": "c"])),
        Sample("/labels/a", ("labels", ["a": .string(long)])),
        Sample("/available_capacity", ("available_capacity", 1)), Sample("/id", ("id", "x")),
    ]

    @Test(arguments: pools) func namesTheWrongFieldOfAPool(sample: Sample) async throws {
        let good: JSONValue = ["name": "good", "resource_type": "CPU", "total_capacity": 1]
        try await expectProblem(.post, "/resource_pools", sample.body(good), sample.field)
        let path = try await resources.pool("present", "CPU", 1)
        try await expectProblem(.put, path, sample.body(good), sample.field)
    }

    static let claims: [Sample] = [
        Sample("/service_id", ("service_id", nil)), Sample("/service_id", ("service_id", "x")),
        Sample("/service_id", ("service_id", "")), Sample("/service_id", ("service_id", 7)),
        Sample("/instance_id", ("instance_id", nil)), Sample("/instance_id", ("instance_id", .string(long))),
        Sample("/resource_requirements", ("resource_requirements", nil)),
        Sample("/resource_requirements", ("resource_requirements", "1 cpu")),
        Sample("/resource_requirements/cpu", ("resource_requirements", ["cpu": "lots"])),
        Sample("/resource_requirements/cpu", ("resource_requirements", ["cpu": -1])),
        Sample("/resource_requirements/cpu", ("resource_requirements", ["cpu": true])),
        Sample("/resource_requirements/cpu", ("resource_requirements", ["cpu": "999999999999999999"])),
        Sample("/resource_requirements/gpu", ("resource_requirements", ["gpu": "500m"])),
        Sample("/resource_requirements/gpu", ("resource_requirements", ["gpu": 0.5])),
        Sample("/resource_requirements/memory", ("resource_requirements", ["memory": "1Xi"])),
        Sample("/resource_requirements/tpu", ("resource_requirements", ["tpu": 1])),
        Sample("/resource_requirements/cpu", ("resource_requirements", ["cpu": .string(long)])),
        Sample("/location", ("location", "")), Sample("/resource_group", ("resource_group", 1)),
        Sample("/labels", ("labels", [])), Sample("/labels", ("labels", .object(labels))),
        Sample("/labels/a", ("labels", ["a": 1])), Sample("/labels", ("labels", ["a b": "c"])),
        Sample("/placement", ("placement", "random")), Sample("/placement", ("placement", 1)),
        Sample("/pool_labels", ("pool_labels", [:])),
    ]

    @Test(arguments: claims) func namesTheWrongFieldOfAClaim(sample: Sample) async throws {
        let claim = resources.claim(["cpu": 1])
        try await expectProblem(.put, claim.path, sample.body(claim.body), sample.field)
    }

    static let allocations: [Sample] = [
        Sample("/service_id", ("service_id", nil)), Sample("/instance_id", ("instance_id", "x")),
        Sample("/allocated_capacity", ("allocated_capacity", nil)),
        Sample("/allocated_capacity", ("allocated_capacity", 0)),
        Sample("/allocated_capacity", ("allocated_capacity", -5)),
        Sample("/allocated_capacity", ("allocated_capacity", "1")), Sample("/claim_id", ("claim_id", "x")),
    ]

    @Test(arguments: allocations) func namesTheWrongFieldOfAnAllocation(sample: Sample) async throws {
        let pool = try await resources.pool("cpus", "CPU", 8)
        let good: JSONValue = [
            "service_id": .string(serviceID), "instance_id": .string(instanceID), "allocated_capacity": 1,
        ]
        try await expectProblem(.post, "\(pool)/allocations", sample.body(good), sample.field)
        #expect(try await resources.available(pool) == 8)
    }

    @Test(arguments: [
        ("/resource_pools/x", "pool_id"), ("/resource_pools/x/allocations", "pool_id"),
        ("/resource_pools/01920000-0000-7000-8000-000000000001/allocations/x", "allocation_id"),
        ("/resource_claims/x", "claim_id"), ("/resource_claims/%7B%7D", "claim_id"),
        ("/resource_pools?resource_type=gpu", "resource_type"), ("/resource_pools?name=A", "name"),
        ("/resource_pools?x=1", "x"), ("/resource_claims/01920000-0000-7000-8000-000000000001?x=1", "x"),
    ])
    func namesTheWrongPartOfATarget(target: String, field: String) async throws {
        let answer = try await server.send(.get, target)
        #expect(answer.status == 400)
        #expect(answer.wrongFields == [field])
    }

    private func expectProblem(
        _ method: HTTPMethod, _ target: String, _ body: JSONValue, _ field: String
    ) async throws {
        let answer = try await server.send(method, target, body)
        #expect(answer.status == 400)
        #expect(answer.fields["Content-Type"] == "application/problem+json")
        #expect(answer.wrongFields == [field])
    }
}
