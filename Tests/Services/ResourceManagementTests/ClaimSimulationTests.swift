import Domain
import HTTP
import JSON
import TestSupport
import Testing

/// Claims, releases and changes of pools at random, from several replicas at once, over a store that conflicts, loses
/// answers and goes away: at no time is a pool given out twice, and at the end the books are even.
struct ClaimSimulationTests {
    @Test(arguments: UInt64(1)...25) func keepsTheBooksEven(seed: UInt64) async throws {
        let resources = try ResourceServerUnderTest(
            seed: seed, faults: .init(conflict: 0.15, lostAnswer: 0.1, outage: 0.05, failedRead: 0.03))
        var generator = SeededGenerator(seed: seed)
        let pools = try await makePools(resources)
        let replicas = try (0..<3).map { _ in try resources.replica() }
        let claims = (0..<40).map { _ in claim(resources, &generator) }
        await withTaskGroup(of: Void.self) { group in
            for replica in replicas {
                for _ in 0..<4 {
                    let actions = (0..<25).map { _ in Action.random(claims.count, pools.count, &generator) }
                    group.addTask {
                        for action in actions { await perform(action, on: replica, claims, pools) }
                    }
                }
            }
        }
        resources.store.faults = .init()
        try await audit(resources, pools, claims, seed)
        for claim in claims { #expect(try await resources.server.send(.delete, claim.path).status == 204) }
        try await audit(resources, pools, claims, seed)
        for pool in pools {
            let after = try await resources.server.send(.get, pool).json
            #expect(after["available_capacity"] == after["total_capacity"], "seed \(seed)")
        }
        #expect(try await resources.check.check(repairing: false).findings.isEmpty, "seed \(seed)")
    }

    private enum Action {
        case claim(Int), release(Int), resize(Int, Int64), deleteOne

        static func random(_ claims: Int, _ pools: Int, _ generator: inout SeededGenerator) -> Action {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<11: .claim(.random(in: 0..<claims, using: &generator))
            case 11..<17: .release(.random(in: 0..<claims, using: &generator))
            case 17: .deleteOne
            default: .resize(.random(in: 0..<pools, using: &generator), .random(in: 0...12, using: &generator))
            }
        }
    }

    private typealias Claim = (path: String, body: JSONValue)

    private static let types = ["GPU", "CPU", "CPU", "Memory"]

    private func makePools(_ resources: ResourceServerUnderTest) async throws -> [String] {
        resources.store.faults = .init()
        var pools: [String] = []
        for (index, type) in Self.types.enumerated() {
            let total: Int64 = type == "CPU" ? 6000 : 6
            pools.append(try await resources.pool("pool-\(index)", type, total))
        }
        resources.store.faults = .init(conflict: 0.15, lostAnswer: 0.1, outage: 0.05, failedRead: 0.03)
        return pools
    }

    private func claim(_ resources: ResourceServerUnderTest, _ generator: inout SeededGenerator) -> Claim {
        var requirements: [(String, JSONValue)] = []
        for name in ["gpu", "cpu"] where Bool.random(using: &generator) {
            requirements.append((name, .integer(.random(in: 1...3, using: &generator))))
        }
        if Bool.random(using: &generator) {
            requirements.append(("memory", .string("\(Int.random(in: 1...3, using: &generator))Mi")))
        }
        return resources.claim(.object(JSONObject(requirements)))
    }

    private func perform(_ action: Action, on server: InProcessServer, _ claims: [Claim], _ pools: [String]) async {
        switch action {
        case .claim(let index): _ = try? await server.send(.put, claims[index].path, claims[index].body)
        case .release(let index): _ = try? await server.send(.delete, claims[index].path)
        case .deleteOne:
            // A pool that is deleted while others claim from it, and another in its place.
            let list = try? await server.send(.get, "/resource_pools?name=passing").json["resource_pools"]
            if let id = list?.arrayValue?.first?["id"]?.stringValue {
                _ = try? await server.send(.delete, "/resource_pools/\(id)")
            } else {
                let body: JSONValue = ["name": "passing", "resource_type": "CPU", "total_capacity": 2000]
                _ = try? await server.send(.post, "/resource_pools", body)
            }
        case .resize(let index, let size):
            let type = Self.types[index]
            let total = type == "CPU" ? size * 1000 : size
            _ = try? await server.send(
                .put, pools[index],
                ["name": .string("pool-\(index)"), "resource_type": .string(type), "total_capacity": .integer(total)])
        }
    }

    /// Held is what the claims that exist hold, and never more than there is.
    private func audit(
        _ resources: ResourceServerUnderTest, _ pools: [String], _ claims: [Claim], _ seed: UInt64
    ) async throws {
        var claimed: [String: Int64] = [:]
        for claim in claims {
            let document = try await resources.server.send(.get, claim.path).json
            for piece in document["allocations"]?.arrayValue ?? [] {
                let pool = try #require(piece["resource_pool_id"]?.stringValue)
                try #require(try await resources.server.send(.get, "/resource_pools/\(pool)").status == 200)
                claimed["/resource_pools/\(pool)", default: 0] += try #require(
                    piece["allocated_capacity"]?.integerValue)
            }
        }
        for pool in pools {
            let document = try await resources.server.send(.get, pool).json
            let total = try #require(document["total_capacity"]?.integerValue)
            let available = try #require(document["available_capacity"]?.integerValue)
            #expect(available >= 0, "seed \(seed)")
            #expect(total - available == claimed[pool, default: 0], "seed \(seed), \(pool)")
            let page = try await resources.server.send(.get, "\(pool)/allocations?page_size=500").json
            let held = (page["allocations"]?.arrayValue ?? []).compactMap { $0["allocated_capacity"]?.integerValue }
            #expect(held.reduce(0, +) == total - available, "seed \(seed), \(pool)")
        }
    }
}
