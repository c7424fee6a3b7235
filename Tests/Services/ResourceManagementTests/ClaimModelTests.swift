import Domain
import FoundationEssentials
import HTTP
import JSON
import TestSupport
import Testing

/// Random steps, one after the other, on replicas that take turns, over a store that conflicts, loses answers and goes
/// away. Each answer, and after each step the state, must be what `ReferenceBooks` allows; a step whose answer was lost
/// has happened or has not, and the state says which.
///
/// A failing seed is in the message; `CLAIM_SEED=n` runs that one alone.
struct ClaimModelTests {
    static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["CLAIM_SEED"].flatMap(UInt64.init).map { [$0] } ?? Array(1...16)

    @Test(arguments: seeds) func doesWhatTheReferenceAllows(seed: UInt64) async throws {
        var run = try await Run(seed)
        for step in 0..<120 {
            try await run.step()
            try await run.compare("seed \(seed), step \(step)")
        }
        run.resources.store.faults = .init()
        #expect(try await run.resources.check.check(repairing: false).findings.isEmpty, "seed \(seed)")
    }
}

private struct Run {
    let resources: ResourceServerUnderTest
    private let replicas: [InProcessServer]
    private let claims: [(path: String, body: JSONValue, wanted: [String: Int64])]
    private var books = ReferenceBooks()
    private var generator: SeededGenerator
    private var poolNumber = 0
    private let seed: UInt64

    init(_ seed: UInt64) async throws {
        self.seed = seed
        let resources = try ResourceServerUnderTest(seed: seed)
        self.resources = resources
        var generator = SeededGenerator(seed: seed)
        replicas = try (0..<3).map { _ in try resources.replica() }
        claims = (0..<12).map { _ in
            let gpus = Int64.random(in: 0...2, using: &generator)
            let cores = Int64.random(in: 0...3, using: &generator)
            let placement: JSONValue = Bool.random(using: &generator) ? "spread" : "best_fit"
            let (path, body) = resources.claim(
                ["gpu": .integer(gpus), "cpu": .integer(cores)], [("placement", placement)])
            return (path, body, ["GPU": gpus, "CPU": cores * 1000].filter { $0.value > 0 })
        }
        self.generator = generator
        for _ in 0..<3 { try await addPool() }
    }

    mutating func step() async throws {
        // Failures in two of three steps, so that there is something to go on with.
        resources.store.faults =
            Int.random(in: 0..<3, using: &generator) == 0
            ? .init() : .init(conflict: 0.2, lostAnswer: 0.15, outage: 0.1, failedRead: 0.05)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<9: try await claim()
        case 9..<15: try await release()
        case 15..<18: try await resize()
        case 18: try await deletePool()
        default: try await addPool()
        }
        resources.store.faults = .init()
    }

    /// The state as everybody can read it is the reference's.
    func compare(_ place: String) async throws {
        for (path, _, _) in claims {
            let answer = try await resources.server.send(.get, path)
            #expect((answer.status == 200 ? Self.given(answer) : nil) == books.held[path], "\(place)")
        }
        for (path, pool) in books.pools {
            let document = try await resources.server.send(.get, path).json
            #expect(document["total_capacity"]?.integerValue == pool.total, "\(place)")
            #expect(document["available_capacity"]?.integerValue == books.free(path), "\(place)")
        }
        let listed = try await resources.server.send(.get, "/resource_claims").json["resource_claims"]?.arrayValue
        #expect(listed?.count == books.held.count, "\(place)")
    }

    private mutating func claim() async throws {
        let (path, body, wanted) = claims[pick(claims.count)]
        let answer = try await replica().send(.put, path, body)
        resources.store.faults = .init()
        guard answer.status < 500, answer.code != "write_conflict" else {
            if books.held[path] == nil, let given = try await current(path) {
                #expect(books.allows(201, path, wanted, given), "seed \(seed)")
                books.held[path] = given
            }
            return
        }
        // A first attempt may have happened though its answer was lost to the server itself.
        #expect(books.allows(answer.status, path, wanted, Self.given(answer)), "seed \(seed): \(answer.text)")
        if answer.status == 201 { books.held[path] = Self.given(answer) }
    }

    private mutating func release() async throws {
        let path = claims[pick(claims.count)].path
        let answer = try await replica().send(.delete, path)
        resources.store.faults = .init()
        if answer.status == 204 {
            books.held[path] = nil
        } else {
            #expect(answer.status >= 500 || answer.code == "write_conflict", "seed \(seed): \(answer.text)")
            if try await current(path) == nil { books.held[path] = nil }
        }
    }

    private mutating func resize() async throws {
        guard let (path, pool) = randomPool() else { return }
        let total = Int64.random(in: 0...6, using: &generator) * (pool.type == "CPU" ? 1000 : 1)
        let held = pool.total - (books.free(path) ?? 0)
        resources.store.faults = .init()
        let body: JSONValue = [
            "name": .string(Self.name(path, try await read(path))), "resource_type": .string(pool.type),
            "total_capacity": .integer(total),
        ]
        resources.store.faults = .init(conflict: 0.2, lostAnswer: 0.15, outage: 0.1, failedRead: 0.05)
        let answer = try await replica().send(.put, path, body)
        if answer.status == 200 {
            #expect(total >= held, "seed \(seed)")
        } else if answer.code == "capacity_in_use" {
            #expect(total < held, "seed \(seed)")
        }
        resources.store.faults = .init()
        let now = try #require(try await read(path)["total_capacity"]?.integerValue)
        #expect(now == pool.total || now == total, "seed \(seed)")
        books.pools[path]?.total = now
    }

    private mutating func deletePool() async throws {
        guard books.pools.count > 2, let (path, pool) = randomPool() else { return }
        let isFree = books.free(path) == pool.total
        let answer = try await replica().send(.delete, path)
        if answer.status == 204 || answer.status == 404 {
            #expect(isFree, "seed \(seed)")
        } else if answer.code == "pool_in_use" {
            #expect(!isFree, "seed \(seed)")
        }
        resources.store.faults = .init()
        if try await resources.server.send(.get, path).status == 404 { books.pools[path] = nil }
    }

    private mutating func addPool() async throws {
        resources.store.faults = .init()
        poolNumber += 1
        let type = poolNumber.isMultiple(of: 2) ? "CPU" : "GPU"
        let total = Int64.random(in: 1...6, using: &generator) * (type == "CPU" ? 1000 : 1)
        let place: [(String, JSONValue)] = Bool.random(using: &generator) ? [("location", "a")] : []
        let path = try await resources.pool("pool-\(poolNumber)", type, total, place)
        books.pools[path] = .init(type: type, total: total)
    }

    private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }

    private mutating func replica() -> InProcessServer { replicas[pick(replicas.count)] }

    private mutating func randomPool() -> (String, ReferenceBooks.Pool)? {
        books.pools.sorted { $0.key < $1.key }.randomElement(using: &generator).map { ($0.key, $0.value) }
    }

    private func read(_ path: String) async throws -> JSONValue {
        try await resources.server.send(.get, path).json
    }

    private func current(_ claim: String) async throws -> [String: Int64]? {
        let answer = try await resources.server.send(.get, claim)
        return answer.status == 200 ? Self.given(answer) : nil
    }

    private static func name(_ path: String, _ document: JSONValue) -> String {
        document["name"]?.stringValue ?? path
    }

    private static func given(_ answer: InProcessServer.Answer) -> [String: Int64] {
        var given: [String: Int64] = [:]
        for piece in answer.json["allocations"]?.arrayValue ?? [] {
            guard let pool = piece["resource_pool_id"]?.stringValue else { continue }
            given["/resource_pools/\(pool)"] = piece["allocated_capacity"]?.integerValue
        }
        return given
    }
}
