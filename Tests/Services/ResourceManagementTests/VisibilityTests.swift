import HTTP
import JSON
import TestSupport
import Testing

/// Lists show what their reader may get, one thing after the other.
struct VisibilityTests {
    private let resources: ResourceServerUnderTest

    init() throws { resources = try ResourceServerUnderTest() }

    private func list(_ path: String, _ member: String, _ server: InProcessServer) async throws -> [String] {
        var found: [String] = []
        var token = ""
        repeat {
            let answer = try await server.send(.get, "\(path)?page_size=2&page_token=\(token)", as: "ann")
            #expect(answer.status == 200, "\(answer.text)")
            let page = answer.json[member]?.arrayValue ?? []
            token = answer.json["next_page_token"]?.stringValue ?? ""
            #expect(page.count == 2 || token.isEmpty)
            found += page.compactMap { $0["id"]?.stringValue }
        } while !token.isEmpty
        return found
    }

    private func id(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }

    @Test func ofPools() async throws {
        var pools: [String] = []
        for number in 0..<9 { pools.append(id(try await resources.pool("p-\(number)", "CPU", 1000))) }
        let hidden = [pools[0], pools[4], pools[8]]
        let rules = hidden.map { "p, ann, resource_pools/\($0), resource_pool:get, deny\n" }.joined()
        let server = try resources.knowing("g, ann, role:resource-viewer\n" + rules)
        #expect(try await list("/resource_pools", "resource_pools", server) == pools.filter { !hidden.contains($0) })
        let named = try await server.send(.get, "/resource_pools?name=p-4", as: "ann")
        #expect(named.json["resource_pools"] == [])
        #expect(try await server.send(.get, "/resource_pools?name=p-5", as: "ann").json["resource_pools"] != [])
        #expect(try await server.send(.get, "/resource_pools/\(pools[4])", as: "ann").status == 403)
    }

    @Test func ofClaimsAndAllocations() async throws {
        let pool = try await resources.pool("cpus", "CPU", 100_000)
        var claims: [String] = []
        var pieces: [String] = []
        for _ in 0..<7 {
            let claim = resources.claim(["cpu": 1])
            let made = try await resources.server.send(.put, claim.path, claim.body)
            claims.append(id(claim.path))
            pieces.append(try #require(made.json["allocations"]?.arrayValue?.first?["id"]?.stringValue))
        }
        let rules = """
            g, ann, role:resource-viewer
            p, ann, resource_claims/\(claims[3]), resource_allocation:get, deny
            p, ann, \(pool.dropFirst())/allocations/\(pieces[0]), resource_allocation:get, deny
            """
        let server = try resources.knowing(rules)
        let visible = claims.filter { $0 != claims[3] }
        #expect(try await list("/resource_claims", "resource_claims", server) == visible)
        #expect(try await list("\(pool)/allocations", "allocations", server) == Array(pieces.dropFirst()).sorted())
    }

    @Test func noneWhereOnlyListingIsAllowed() async throws {
        _ = try await resources.pool("cpus", "CPU", 1000)
        let server = try resources.knowing("p, ann, resource_pools, resource_pool:list, allow\n")
        #expect(try await list("/resource_pools", "resource_pools", server).isEmpty)
    }
}
