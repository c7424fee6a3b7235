import Domain
import HTTP
import JSON
import TestSupport
import Testing

struct PoolRoutesTests {
    let resources: ResourceServerUnderTest
    var server: InProcessServer { resources.server }

    init() throws { resources = try ResourceServerUnderTest() }

    @Test func givesBackWhatWasCreated() async throws {
        let body: JSONValue = [
            "name": "gpus", "resource_type": "GPU", "total_capacity": 8, "location": "rack-1",
            "resource_group": "team-a", "labels": ["accelerator": "a100", "example.com/tier": ""],
        ]
        let created = try await server.send(.post, "/resource_pools", body)
        #expect(created.status == 201)
        let path = try #require(created.fields["Location"])
        let pool = try await server.send(.get, path)
        #expect(pool.fields["ETag"] == "\"1\"")
        for (name, value) in try #require(body.objectValue).members { #expect(pool.json[name] == value) }
        #expect(pool.json["available_capacity"] == 8)
        #expect(pool.json["id"] == created.json["id"])
        #expect(pool.json["created_at"]?.stringValue.flatMap(Timestamp.init) == resources.time.now)
    }

    @Test func listsPoolsByNameAndType() async throws {
        _ = try await resources.pool("a", "GPU", 1)
        _ = try await resources.pool("b", "CPU", 1)
        _ = try await resources.pool("c", "CPU", 1)
        #expect(try await names("/resource_pools") == ["a", "b", "c"])
        #expect(try await names("/resource_pools?resource_type=CPU") == ["b", "c"])
        #expect(try await names("/resource_pools?name=b") == ["b"])
        #expect(try await names("/resource_pools?name=b&resource_type=GPU") == [])
        #expect(try await names("/resource_pools?name=nobody") == [])
    }

    @Test func refusesANameThatIsTaken() async throws {
        let first = try await resources.pool("a", "GPU", 1)
        let second = try await resources.pool("b", "GPU", 1)
        let body: JSONValue = ["name": "a", "resource_type": "GPU", "total_capacity": 1]
        #expect(try await server.send(.post, "/resource_pools", body).code == "name_taken")
        #expect(try await server.send(.put, second, body).code == "name_taken")
        #expect(try await server.send(.delete, first).status == 204)
        #expect(try await server.send(.put, second, body).status == 200)
    }

    @Test func growsAndShrinksDownToWhatIsHeld() async throws {
        let pool = try await resources.pool("cpus", "CPU", 4000)
        let claim = resources.claim(["cpu": "1500m"])
        #expect(try await server.send(.put, claim.path, claim.body).status == 201)
        #expect(try await update(pool, total: 8000).json["available_capacity"] == 6500)
        #expect(try await update(pool, total: 1500).json["available_capacity"] == 0)
        let refused = try await update(pool, total: 1499)
        #expect(refused.status == 409)
        #expect(refused.code == "capacity_in_use")
        #expect(refused.json["detail"]?.stringValue?.contains("1500") == true)
    }

    @Test func keepsItsType() async throws {
        let pool = try await resources.pool("cpus", "CPU", 4000)
        let answer = try await server.send(
            .put, pool, ["name": "cpus", "resource_type": "GPU", "total_capacity": 4000])
        #expect(answer.status == 422)
        #expect(answer.code == "resource_type_fixed")
    }

    @Test func saysWhoHoldsAPoolThatCannotBeDeleted() async throws {
        let pool = try await resources.pool("cpus", "CPU", 100_000)
        for _ in 0..<7 {
            let claim = resources.claim(["cpu": 1])
            try await server.send(.put, claim.path, claim.body)
        }
        let answer = try await server.send(.delete, pool)
        #expect(answer.status == 409)
        #expect(answer.code == "pool_in_use")
        let detail = try #require(answer.json["detail"]?.stringValue)
        #expect(detail.contains("7000 of this pool are held"))
        #expect(detail.contains("and 2 more"))
    }

    @Test func countsItsGenerationByWishesNotByClaims() async throws {
        let pool = try await resources.pool("cpus", "CPU", 4000)
        let claim = resources.claim(["cpu": 1])
        try await server.send(.put, claim.path, claim.body)
        #expect(try await server.send(.get, pool).fields["ETag"] == "\"1\"")
        let first: HTTPFields = ["If-Match": "\"1\""]
        let body: JSONValue = ["name": "cpus", "resource_type": "CPU", "total_capacity": 5000]
        #expect(try await server.send(.put, pool, body, fields: first).fields["ETag"] == "\"2\"")
        #expect(try await server.send(.put, pool, body, fields: first).status == 412)
        #expect(try await server.send(.delete, pool, fields: first).status == 412)
    }

    private func update(_ pool: String, total: Int64) async throws -> InProcessServer.Answer {
        try await server.send(
            .put, pool, ["name": "cpus", "resource_type": "CPU", "total_capacity": .integer(total)])
    }

    private func names(_ target: String) async throws -> [String] {
        let page = try await server.send(.get, target)
        return (page.json["resource_pools"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }
}
