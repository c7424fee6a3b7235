import HTTP
import JSON
import TestSupport
import Testing

struct AllocationRoutesTests {
    let resources: ResourceServerUnderTest
    var server: InProcessServer { resources.server }

    init() throws { resources = try ResourceServerUnderTest() }

    @Test func holdsAndGivesBackAPiece() async throws {
        let pool = try await resources.pool("gpus", "GPU", 4)
        let created = try await allocate(3, of: pool)
        #expect(created.status == 201)
        #expect(try await resources.available(pool) == 1)
        let path = try #require(created.fields["Location"])
        let allocation = try await server.send(.get, path)
        #expect(allocation.json["id"] == created.json["id"])
        #expect(allocation.json["allocated_capacity"] == 3)
        #expect(allocation.json["service_id"] == .string(serviceID))
        #expect(allocation.json["instance_id"] == .string(instanceID))
        #expect(allocation.json["claim_id"] == nil)
        #expect(try await server.send(.delete, path).status == 204)
        #expect(try await server.send(.delete, path).status == 404)
        #expect(try await resources.available(pool) == 4)
    }

    @Test func refusesMoreThanIsFree() async throws {
        let pool = try await resources.pool("gpus", "GPU", 4)
        _ = try await allocate(3, of: pool)
        let answer = try await allocate(2, of: pool)
        #expect(answer.status == 409)
        #expect(answer.code == "insufficient_capacity")
        #expect(try await resources.available(pool) == 1)
    }

    @Test func leavesPiecesOfAClaimToTheClaim() async throws {
        let pool = try await resources.pool("gpus", "GPU", 4)
        let claim = resources.claim(["gpu": 1])
        let claimed = try await server.send(.put, claim.path, claim.body)
        let id = try #require(claimed.json["allocations"]?.arrayValue?.first?["id"]?.stringValue)
        let answer = try await server.send(.delete, "\(pool)/allocations/\(id)")
        #expect(answer.status == 409)
        #expect(answer.code == "allocation_claimed")
        let allocation = try await server.send(.get, "\(pool)/allocations/\(id)")
        #expect(allocation.json["claim_id"]?.stringValue.map { "/resource_claims/\($0)" } == claim.path)
    }

    @Test func findsAnAllocationOnlyInItsPool() async throws {
        let pool = try await resources.pool("gpus", "GPU", 4)
        let other = try await resources.pool("more", "GPU", 4)
        let id = try #require(try await allocate(1, of: pool).json["id"]?.stringValue)
        #expect(try await server.send(.get, "\(other)/allocations/\(id)").status == 404)
        #expect(try await server.send(.delete, "\(other)/allocations/\(id)").status == 404)
        #expect(try await resources.available(pool) == 3)
    }

    @Test func listsInPages() async throws {
        let pool = try await resources.pool("gpus", "GPU", 10)
        for number in Int64(1)...4 { _ = try await allocate(number, of: pool) }
        let first = try await server.send(.get, "\(pool)/allocations?page_size=3")
        let token = try #require(first.json["next_page_token"]?.stringValue)
        let second = try await server.send(.get, "\(pool)/allocations?page_size=3&page_token=\(token)")
        let capacities = [first, second].flatMap { $0.json["allocations"]?.arrayValue ?? [] }
            .compactMap { $0["allocated_capacity"]?.integerValue }
        #expect(capacities == [1, 2, 3, 4])
        #expect(second.json["next_page_token"] == nil)
    }

    @Test func takesARepeatedRequestForOne() async throws {
        let pool = try await resources.pool("gpus", "GPU", 4)
        let first = try await allocate(1, of: pool, fields: ["Idempotency-Key": "a"])
        let second = try await allocate(1, of: pool, fields: ["Idempotency-Key": "a"])
        #expect(first.json == second.json)
        #expect(try await resources.available(pool) == 3)
    }

    @Test func takesOnePieceWhoeverAsksAndWhateverIsLost() async throws {
        let pool = try await resources.pool("gpus", "GPU", 4)
        let key: HTTPFields = ["Idempotency-Key": "a"]
        resources.store.faults.lostAnswer = 1
        #expect(try await allocate(1, of: pool, fields: key).status == 503)
        resources.store.faults = .init(conflict: 0.2)
        let answers = try await answersOfReplicas(.post, "\(pool)/allocations", body(1), key)
        #expect(answers.count == 1)
        resources.store.faults = .init()
        #expect(try await resources.available(pool) == 3)
        #expect(try await allocate(2, of: pool, fields: key).code == "idempotency_key_reused")
    }

    @Test func addsOnePoolWhoeverAsksAndWhateverIsLost() async throws {
        let key: HTTPFields = ["Idempotency-Key": "a"]
        let pool: JSONValue = ["name": "gpus", "resource_type": "GPU", "total_capacity": 4]
        resources.store.faults.lostAnswer = 1
        #expect(try await server.send(.post, "/resource_pools", pool, fields: key).status == 503)
        resources.store.faults = .init(conflict: 0.2)
        #expect(try await answersOfReplicas(.post, "/resource_pools", pool, key).count == 1)
        resources.store.faults = .init()
        #expect(try await server.send(.get, "/resource_pools").json["resource_pools"]?.arrayValue?.count == 1)
        let other: JSONValue = ["name": "other", "resource_type": "GPU", "total_capacity": 4]
        #expect(try await server.send(.post, "/resource_pools", other, fields: key).status == 422)
    }

    private func answersOfReplicas(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue, _ fields: HTTPFields
    ) async throws -> Set<String> {
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 {
                let replica = try resources.replica()
                group.addTask { try await replica.send(method, path, body, fields: fields).text }
            }
            return try await group.reduce(into: []) { $0.insert($1) }
        }
    }

    private func body(_ capacity: Int64) -> JSONValue {
        [
            "service_id": .string(serviceID), "instance_id": .string(instanceID),
            "allocated_capacity": .integer(capacity),
        ]
    }

    @Test func knowsNoAllocationsOfAPoolThatIsNotThere() async throws {
        let pool = "/resource_pools/01920000-0000-7000-8000-000000000000"
        #expect(try await server.send(.get, "\(pool)/allocations").status == 404)
        #expect(try await allocate(1, of: pool).status == 404)
    }

    private func allocate(
        _ capacity: Int64, of pool: String, fields: HTTPFields = [:]
    ) async throws -> InProcessServer.Answer {
        try await server.send(
            .post, "\(pool)/allocations",
            [
                "service_id": .string(serviceID), "instance_id": .string(instanceID),
                "allocated_capacity": .integer(capacity),
            ], fields: fields)
    }
}
