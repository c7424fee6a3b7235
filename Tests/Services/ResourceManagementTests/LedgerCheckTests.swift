import Dapr
import Domain
import HTTP
import JSON
import Persistence
import ResourceManagementCore
import TestSupport
import Testing

@testable import ResourceManagement

/// Each fault is planted in the store, found without being touched, mended, and gone; and the books are right again.
struct LedgerCheckTests {
    let resources: ResourceServerUnderTest

    init() throws { resources = try ResourceServerUnderTest() }

    @Test func findsNothingInBooksThatAreEven() async throws {
        _ = try await Books(resources)
        let transactions = resources.store.transactions
        let report = try await resources.check.check(repairing: true)
        #expect(report.findings.isEmpty)
        #expect(report.checked == ["resource_pools": 2, "resource_claims": 1, "allocations": 3])
        #expect(resources.store.transactions == transactions)
    }

    @Test(arguments: Plant.allCases) func findsAndMends(plant: Plant) async throws {
        let books = try await Books(resources)
        try await plant.plant(books)
        let contents = try await books.contents()
        let found = try await resources.check.check(repairing: false)
        #expect(found.findings.map(\.kind) == [plant.kind], "\(found.findings)")
        #expect(try await books.contents() == contents)
        let mended = try await resources.check.check(repairing: true)
        #expect(mended.findings.map(\.kind) == [plant.kind])
        #expect(mended.findings.map(\.isRepaired) == [plant.isRepairable])
        let after = try await resources.check.check(repairing: true)
        #expect(after.findings.map(\.kind) == (plant.isRepairable ? [] : [plant.kind]))
        guard plant.isRepairable else { return }
        // Giving everything back frees everything: nothing is held by nobody.
        #expect(try await resources.server.send(.delete, books.claim).status == 204)
        _ = try await resources.server.send(.delete, books.allocation)
        for (path, total) in [(books.gpus, 4), (books.cpus, Int64(8000))] {
            #expect(try await resources.available(path) == total, "\(path)")
        }
    }

    @Test func makesAClaimWholeAgain() async throws {
        let books = try await Books(resources)
        let before = try await resources.server.send(.get, books.claim).json
        for plant in [Plant.claimWithoutAllocation, .claimWithoutHold, .capacityDiffers] {
            try await plant.plant(books)
            _ = try await resources.check.check(repairing: true)
            #expect(try await resources.server.send(.get, books.claim).json == before)
            #expect(try await resources.available(books.cpus) == 7250, "\(plant)")
            let piece = "\(books.cpus)/allocations/\(books.cpuPiece)"
            #expect(try await resources.server.send(.get, piece).json["allocated_capacity"] == 500)
        }
    }

    @Test func takesNothingFromOthers() async throws {
        let books = try await Books(resources)
        try await Plant.claimWithoutHold.plant(books)
        let other = resources.claim(["cpu": "7700m"])
        #expect(try await resources.server.send(.put, other.path, other.body).status == 201)
        let report = try await resources.check.check(repairing: true)
        #expect(report.findings.map(\.kind) == ["allocation_without_hold"])
        #expect(report.findings.map(\.isRepaired) == [false])
        #expect(try await resources.available(books.cpus) == 50)
        // When it is free again, it is held again.
        #expect(try await resources.server.send(.delete, other.path).status == 204)
        #expect(try await resources.check.check(repairing: true).findings.map(\.isRepaired) == [true])
        #expect(try await resources.available(books.cpus) == 7250)
    }

    @Test func answersOverHTTP() async throws {
        let books = try await Books(resources)
        try await Plant.holdOfNobody.plant(books)
        let found = try await resources.server.send(.get, "/consistency").json
        #expect(found["findings"]?.arrayValue?.map { $0["kind"] } == ["hold_without_allocation"])
        let mended = try await resources.server.send(.post, "/consistency:repair").json
        #expect(mended["findings"]?.arrayValue?.map { $0["repaired"] } == [true])
        #expect(try await resources.server.send(.get, "/consistency").json["findings"] == [])
    }

    @Test(arguments: UInt64(1)...10) func keepsItsHandsOffWhatChangesMeanwhile(seed: UInt64) async throws {
        let resources = try ResourceServerUnderTest(seed: seed, faults: .init(conflict: 0.1))
        _ = try await resources.pool("cpus", "CPU", 12_000)
        _ = try await resources.pool("gpus", "GPU", 8)
        let findings = try await withThrowingTaskGroup(of: [ConsistencyFinding].self) { group in
            for _ in 0..<20 {
                let claim = resources.claim(["gpu": 1, "cpu": "500m"])
                let replica = try resources.replica()
                group.addTask {
                    for _ in 0..<3 {
                        _ = try await replica.send(.put, claim.path, claim.body)
                        _ = try await replica.send(.delete, claim.path)
                    }
                    return []
                }
            }
            for repairing in [true, false] {
                group.addTask {
                    var found: [ConsistencyFinding] = []
                    for _ in 0..<10 { found += try await resources.check.check(repairing: repairing).findings }
                    return found
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(findings.isEmpty, "seed \(seed): \(findings)")
    }
}

/// Two pools, a claim on both, and an allocation by itself.
struct Books {
    let resources: ResourceServerUnderTest
    let gpus: String
    let cpus: String
    let claim: String
    let allocation: String
    let cpuPiece: String

    init(_ resources: ResourceServerUnderTest) async throws {
        self.resources = resources
        gpus = try await resources.pool("gpus", "GPU", 4)
        cpus = try await resources.pool("cpus", "CPU", 8000)
        let wanted = resources.claim(["gpu": 1, "cpu": "500m"])
        let answer = try await resources.server.send(.put, wanted.path, wanted.body)
        claim = wanted.path
        cpuPiece = try #require(answer.json["allocations"]?.arrayValue?.last?["id"]?.stringValue)
        allocation = try #require(
            try await resources.server.send(
                .post, "\(cpus)/allocations",
                [
                    "service_id": .string(serviceID), "instance_id": .string(instanceID), "allocated_capacity": 250,
                ]
            ).fields["Location"])
    }

    var poolKey: String { "pool:\(cpus.split(separator: "/")[1])" }
    var claimKey: String { "claim:\(claim.split(separator: "/")[1])" }
    var indexKey: String? {
        UUIDv7(String(claim.split(separator: "/")[1])).map { "index:claim:\(Shard(of: $0))" }
    }
    var allocationID: String { String(allocation.split(separator: "/")[3]) }

    func contents() async throws -> [String: String] {
        try await resources.memory.get(resources.memory.keys).mapValues { String(decoding: $0.value, as: UTF8.self) }
    }

    func remove(_ key: String) async throws {
        try await resources.memory.transact([.delete(key: key, etag: nil)])
    }

    func plant(_ key: String, _ text: String) async throws {
        try await resources.memory.transact([.upsert(key: key, value: Array(text.utf8), condition: .always)])
    }

    /// Writes over a member of a stored document.
    func change(_ key: String, _ path: [String], _ value: JSONValue?) async throws {
        let stored = try #require(try await resources.memory.get(key))
        let changed = Self.replaced(try JSONParser.parse(stored.value), path[...], value)
        try await resources.memory.transact([
            .upsert(key: key, value: JSONWriter.bytes(changed), condition: .always)
        ])
    }

    private static func replaced(_ document: JSONValue, _ path: ArraySlice<String>, _ value: JSONValue?) -> JSONValue {
        guard let name = path.first, var object = document.objectValue else { return value ?? .null }
        object[name] = path.count == 1 ? value : replaced(object[name] ?? [:], path.dropFirst(), value)
        return .object(object)
    }
}

enum Plant: CaseIterable, Sendable {
    case holdOfNobody, claimGone, claimWithoutAllocation, claimWithoutHold, claimWithoutBoth, capacityDiffers
    case allocationDiffers, allocationOfAnotherPool, overcommitted, claimWithoutIndex, indexWithoutClaim
    case poolWithoutName

    var kind: String {
        switch self {
        case .holdOfNobody: "hold_without_allocation"
        case .claimGone: "allocation_without_claim"
        case .claimWithoutAllocation, .allocationDiffers, .allocationOfAnotherPool: "claim_without_allocation"
        case .claimWithoutHold, .claimWithoutBoth: "allocation_without_hold"
        case .capacityDiffers: "capacity_differs"
        case .overcommitted: "pool_overcommitted"
        case .claimWithoutIndex: "record_without_index"
        case .indexWithoutClaim: "index_without_record"
        case .poolWithoutName: "record_without_name"
        }
    }

    var isRepairable: Bool { self != .overcommitted }

    func plant(_ books: Books) async throws {
        let piece = "allocation:\(books.cpuPiece)"
        switch self {
        case .holdOfNobody: try await books.change(books.poolKey, ["allocations", serviceID], "100")
        case .claimGone:
            // As if an allocation of a claim had outlived it.
            let stray = "allocation:\(books.allocationID)"
            try await books.change(stray, ["claim_id"], .string(serviceID))
        case .claimWithoutAllocation: try await books.remove(piece)
        case .claimWithoutHold: try await books.change(books.poolKey, ["allocations", books.cpuPiece], nil)
        case .claimWithoutBoth:
            try await books.remove(piece)
            try await books.change(books.poolKey, ["allocations", books.cpuPiece], nil)
        case .capacityDiffers: try await books.change(books.poolKey, ["allocations", books.cpuPiece], "1")
        case .allocationDiffers: try await books.change(piece, ["capacity"], "1")
        case .allocationOfAnotherPool: try await books.change(piece, ["resource_pool_id"], .string(serviceID))
        case .overcommitted: try await books.change(books.poolKey, ["total_capacity"], "600")
        case .claimWithoutIndex: try await books.remove(try #require(books.indexKey))
        case .indexWithoutClaim:
            let shard = try #require(UUIDv7(serviceID).map { Shard(of: $0) })
            try #require("index:claim:\(shard)" != books.indexKey)
            try await books.plant("index:claim:\(shard)", #"{"schema_version":1,"ids":["\#(serviceID)"]}"#)
        case .poolWithoutName: try await books.remove("name:pool:cpus")
        }
    }
}
