import Contracts
import Dapr
import Domain
import FoundationEssentials
import HTTP
import JSON
import TestSupport
import Testing

struct ClaimRoutesTests {
    let resources: ResourceServerUnderTest
    var server: InProcessServer { resources.server }

    init() throws { resources = try ResourceServerUnderTest() }

    @Test func takesAPieceOfEachPoolAndGivesAllBack() async throws {
        let gpus = try await resources.pool("gpus", "GPU", 4)
        let cpus = try await resources.pool("cpus", "CPU", 8000)
        let memory = try await resources.pool("memory", "Memory", 4096)
        let claim = resources.claim(["gpu": 1, "cpu": "500m", "memory": "512Mi"])
        let answer = try await server.send(.put, claim.path, claim.body)
        #expect(answer.status == 201)
        #expect(answer.fields["Location"] == claim.path)
        let allocations = try #require(answer.json["allocations"]?.arrayValue)
        #expect(allocations.map { $0["resource_type"] } == ["GPU", "CPU", "Memory"])
        #expect(allocations.map { $0["allocated_capacity"] } == [1, 500, 512])
        #expect(try await server.send(.get, claim.path).json == answer.json)
        #expect(try await resources.available(gpus) == 3)
        #expect(try await resources.available(cpus) == 7500)
        #expect(try await resources.available(memory) == 3584)
        for _ in 0..<2 { #expect(try await server.send(.delete, claim.path).status == 204) }
        #expect(try await server.send(.get, claim.path).status == 404)
        #expect(try await resources.available(gpus) == 4)
        #expect(resources.memory.keys.allSatisfy { !$0.hasPrefix("claim:") && !$0.hasPrefix("allocation:") })
    }

    @Test func readsWhatTheOtherServiceSends() async throws {
        _ = try await resources.pool("cpus", "CPU", 8000, [("resource_group", "a"), ("location", "b")])
        let id = resources.ids.next()
        let request = ResourceClaimRequest(
            serviceID: ModelServiceID(id), instanceID: ModelServiceInstanceID(id),
            resourceRequirements: ResourceRequirements(cpuMillicores: 250).quantities, resourceGroup: "a",
            location: "b")
        let body = try JSONParser.parse(Array(try JSONEncoder().encode(request)))
        #expect(try await server.send(.put, "/resource_claims/\(id)", body).status == 201)
    }

    @Test func takesTheSameRequestForTheSameClaim() async throws {
        let cpus = try await resources.pool("cpus", "CPU", 8000)
        let claim = resources.claim(["cpu": 2])
        let first = try await server.send(.put, claim.path, claim.body)
        let second = try await server.send(.put, claim.path, claim.body)
        #expect(first.status == 201)
        #expect(second.status == 200)
        #expect(first.json == second.json)
        #expect(try await resources.available(cpus) == 6000)
    }

    @Test func refusesTheSameIDWithOtherContents() async throws {
        let cpus = try await resources.pool("cpus", "CPU", 8000)
        let claim = resources.claim(["cpu": 2])
        try await server.send(.put, claim.path, claim.body)
        let answer = try await server.send(.put, claim.path, resources.claim(["cpu": 3]).body)
        #expect(answer.status == 409)
        #expect(answer.code == "claim_differs")
        #expect(try await resources.available(cpus) == 6000)
    }

    @Test func takesNothingIfSomethingIsMissing() async throws {
        let cpus = try await resources.pool("cpus", "CPU", 8000)
        _ = try await resources.pool("gpus-a", "GPU", 2)
        _ = try await resources.pool("gpus-b", "GPU", 1)
        let claim = resources.claim(["cpu": 2, "gpu": 3])
        let answer = try await server.send(.put, claim.path, claim.body)
        #expect(answer.status == 409)
        #expect(answer.code == "insufficient_capacity")
        let detail = try #require(answer.json["detail"]?.stringValue)
        #expect(detail.contains("GPU 3 asked"))
        #expect(detail.contains("gpus-a 2 of 2") && detail.contains("gpus-b 1 of 1"))
        #expect(try await resources.available(cpus) == 8000)
        #expect(try await server.send(.get, claim.path).status == 404)
    }

    @Test func staysWithinTheGroupAndPlaceThatItNames() async throws {
        let a = try await resources.pool("a", "CPU", 8000, [("resource_group", "x"), ("location", "here")])
        let b = try await resources.pool("b", "CPU", 1000, [("resource_group", "y"), ("location", "here")])
        let inX = resources.claim(["cpu": "500m"], [("resource_group", "x")])
        #expect(try await server.send(.put, inX.path, inX.body).status == 201)
        #expect(try await resources.available(a) == 7500)
        let there = resources.claim(["cpu": "500m"], [("location", "there")])
        let refused = try await server.send(.put, there.path, there.body)
        #expect(refused.code == "insufficient_capacity")
        #expect(refused.json["detail"]?.stringValue?.contains("location there") == true)
        let any = resources.claim(["cpu": "500m"])
        try await server.send(.put, any.path, any.body)
        #expect(try await resources.available(b) == 500)
    }

    @Test func staysWithTheLabelsThatItNamesAndSpreadsIfAsked() async throws {
        let fast = try await resources.pool("fast", "CPU", 1000, [("labels", ["disk": "nvme", "zone": "a"])])
        let large = try await resources.pool("large", "CPU", 8000, [("labels", ["disk": "nvme"])])
        _ = try await resources.pool("slow", "CPU", 500)
        let best = resources.claim(["cpu": "500m"], [("labels", ["disk": "nvme"])])
        #expect(try await server.send(.put, best.path, best.body).status == 201)
        #expect(try await resources.available(fast) == 500)
        let spread = resources.claim(["cpu": "500m"], [("labels", ["disk": "nvme"]), ("placement", "spread")])
        #expect(try await server.send(.put, spread.path, spread.body).status == 201)
        #expect(try await resources.available(large) == 7500)
        let nowhere = resources.claim(["cpu": "500m"], [("labels", ["disk": "tape"])])
        let refused = try await server.send(.put, nowhere.path, nowhere.body)
        #expect(refused.json["detail"]?.stringValue?.contains("label disk=tape") == true)
    }

    @Test func takesLabelsAndPlacementForPartOfTheContents() async throws {
        _ = try await resources.pool("cpus", "CPU", 8000, [("labels", ["a": "b"])])
        let claim = resources.claim(["cpu": 1], [("labels", ["a": "b"]), ("placement", "spread")])
        #expect(try await server.send(.put, claim.path, claim.body).status == 201)
        #expect(try await server.send(.put, claim.path, claim.body).status == 200)
        for (name, value) in [("labels", [:] as JSONValue), ("placement", "best_fit")] {
            var body = try #require(claim.body.objectValue)
            body[name] = value
            #expect(try await server.send(.put, claim.path, .object(body)).code == "claim_differs")
        }
    }

    @Test func knowsTheClaimsOfEarlierReleases() async throws {
        _ = try await resources.pool("cpus", "CPU", 8000)
        let claim = resources.claim([:])
        let id = String(claim.path.split(separator: "/")[1])
        let record: JSONValue = [
            "schema_version": 1, "id": .string(id), "service_id": .string(serviceID), "instance_id": .string(id),
            "requirements": ["gpu": "0", "cpu": "0", "memory": "0"], "pieces": [],
            "created_at": "2026-11-20T10:00:00.000Z",
        ]
        try await server.send(.put, claim.path, claim.body)
        let current = try #require(try await resources.memory.get("claim:\(id)"))
        let form = try #require(try JSONParser.parse(current.value).objectValue)
        #expect(form["labels"] == nil && form["placement"] == nil)
        #expect(Set(form.members.map(\.name)) == Set(try #require(record.objectValue).members.map(\.name)))
        #expect(try await server.send(.put, claim.path, claim.body).status == 200)
    }

    @Test func listsClaimsInPages() async throws {
        _ = try await resources.pool("cpus", "CPU", 8000)
        let claims = (0..<7).map { _ in resources.claim(["cpu": "100m"]) }
        for claim in claims.shuffled() { try await server.send(.put, claim.path, claim.body) }
        try await server.send(.delete, claims[3].path)
        var listed: [JSONValue] = []
        var target = "/resource_claims?page_size=4"
        while true {
            let page = try await server.send(.get, target).json
            listed += page["resource_claims"]?.arrayValue ?? []
            guard let token = page["next_page_token"]?.stringValue else { break }
            target = "/resource_claims?page_size=4&page_token=\(token)"
        }
        let paths = listed.compactMap { $0["id"]?.stringValue }.map { "/resource_claims/\($0)" }
        #expect(paths == claims.map(\.path).filter { $0 != claims[3].path })
        #expect(listed.first == (try await server.send(.get, claims[0].path).json))
    }

    @Test func fitsAsManyAsGoTogetherIntoATransaction() async throws {
        for name in ["a", "b"] {
            _ = try await resources.pool("gpus-\(name)", "GPU", 300)
            _ = try await resources.pool("cpus-\(name)", "CPU", 300_000)
            _ = try await resources.pool("memory-\(name)", "Memory", 30_000)
        }
        let claims = (0..<300).map { _ in resources.claim(["gpu": 1, "cpu": 1, "memory": "10Mi"]) }
        for method in [HTTPMethod.put, .delete] {
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for claim in claims {
                    group.addTask {
                        try await server.send(method, claim.path, method == .put ? claim.body : nil).status
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [method == .put ? 201 : 204])
        }
        #expect(resources.memory.keys.allSatisfy { !$0.hasPrefix("claim:") && !$0.hasPrefix("allocation:") })
    }

    @Test func mayAskForNothing() async throws {
        let claim = resources.claim([:])
        let answer = try await server.send(.put, claim.path, claim.body)
        #expect(answer.status == 201)
        #expect(answer.json["allocations"] == [])
    }

    @Test func letsManyClaimersGetOnAndGivesNothingTwice() async throws {
        let cpus = try await resources.pool("cpus", "CPU", 60_000)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                let claim = resources.claim(["cpu": 1])
                group.addTask { try await resources.server.send(.put, claim.path, claim.body).status }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == [201: 60, 409: 40])
        #expect(try await resources.available(cpus) == 0)
        // One for the pool itself; the rest shows that claims which waited together went together.
        #expect(resources.store.transactions <= 20)
    }
}
