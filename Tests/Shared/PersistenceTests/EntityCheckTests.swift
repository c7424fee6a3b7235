import Domain
import Persistence
import TestSupport
import Testing

/// Each fault is planted in the store, found without being touched, mended, and gone.
struct EntityCheckTests {
    let store = StoreUnderTest()
    let tins: EntityCollection<Tin>

    init() { tins = EntityCollection("tin", in: store.records) }

    @Test func findsNothingInWhatAgrees() async throws {
        for number in 1...20 { try await create(number) }
        let transactions = store.faulty.transactions
        let report = try await check(repairing: true)
        #expect(report.findings.isEmpty)
        #expect(report.checked == ["tins": 20])
        #expect(store.faulty.transactions == transactions)
    }

    @Test(arguments: Plant.allCases) func findsAndMends(plant: Plant) async throws {
        for number in 1...3 { try await create(number) }
        try await plant.plant(in: store)
        let before = try await store.contents()
        let found = try await check(repairing: false)
        #expect(found.findings.map(\.kind) == [plant.kind.rawValue])
        #expect(found.findings.map(\.isRepaired) == [false])
        #expect(try await store.contents() == before)
        let mended = try await check(repairing: true)
        #expect(mended.findings.map(\.kind) == [plant.kind.rawValue])
        #expect(mended.findings.map(\.isRepaired) == [plant.isRepairable])
        let after = try await check(repairing: true)
        #expect(after.findings.map(\.kind) == (plant.isRepairable ? [] : [plant.kind.rawValue]))
        #expect(try await tins.listedIDs().contains(id(2).description) == (plant != .indexWithoutRecord))
    }

    @Test func takesANameThatLeadsNowhere() async throws {
        try await store.plant("name:tin:peas", #"{"schema_version":1,"id":"\#(id(9))"}"#)
        try await create(1, "peas")
        #expect(try await tins.find(named: "peas")?.record.uuid == id(1))
        await #expect(throws: ServiceError.self) { try await create(2, "peas") }
    }

    @Test func keepsItsHandsOffWhatIsMadeAndDeletedMeanwhile() async throws {
        for seed in UInt64(1)...10 {
            let store = StoreUnderTest(seed: seed, faults: .init(conflict: 0.2))
            let tins = EntityCollection<Tin>("tin", in: store.records)
            let findings = try await withThrowingTaskGroup(of: [ConsistencyFinding].self) { group in
                for number in 1...40 {
                    group.addTask {
                        try await Self.create(number, "tin-\(number)", tins, store.records)
                        if number.isMultiple(of: 2) { try await Self.delete(number, tins, store.records) }
                        return []
                    }
                }
                for repairing in [true, false] {
                    group.addTask {
                        var found: [ConsistencyFinding] = []
                        for _ in 0..<5 {
                            found += try await Self.check(tins, suspects: (1...40).map(id), repairing).findings
                        }
                        return found
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(findings.isEmpty, "seed \(seed)")
            #expect(
                try await tins.listedIDs() == stride(from: 1, to: 40, by: 2).map { id($0).description }, "seed \(seed)")
            #expect(store.memory.keys.count { $0.hasPrefix("name:") } == 20, "seed \(seed)")
        }
    }

    private func check(repairing: Bool) async throws -> ConsistencyReport {
        try await Self.check(tins, suspects: [id(2)], repairing)
    }

    private static func check(
        _ tins: EntityCollection<Tin>, suspects: [UUIDv7], _ repairing: Bool
    ) async throws -> ConsistencyReport {
        var report = ConsistencyReport()
        for shard in Shard.all { try await tins.check(shard, as: "tins", repairing: repairing, into: &report) }
        for suspect in suspects { try await tins.check(suspect: suspect, repairing: repairing, into: &report) }
        try await tins.check(suspect: "suspect", repairing: repairing, into: &report)
        return report
    }

    private func create(_ number: Int, _ name: String? = nil) async throws {
        try await Self.create(number, name ?? "tin-\(number)", tins, store.records)
    }

    private static func create(
        _ number: Int, _ name: String, _ tins: EntityCollection<Tin>, _ records: RecordStore
    ) async throws {
        try await tins.create(Tin(id(number), name), by: records)
    }

    private static func delete(
        _ number: Int, _ tins: EntityCollection<Tin>, _ records: RecordStore
    ) async throws {
        try await tins.delete(id(number), by: records)
    }
}

/// What can go wrong with the second of three tins.
enum Plant: CaseIterable, Sendable {
    case indexWithoutRecord, strangeIndexEntry, entryInAnotherShard, recordWithoutIndex, recordWithoutName
    case nameThatLeadsNowhere, nameThatLeadsToAnother, nameTakenTwice, suspectName, suspectNameOfAnother
    case unreadableRecord

    var kind: EntityFault {
        switch self {
        case .indexWithoutRecord, .strangeIndexEntry, .entryInAnotherShard: .indexWithoutRecord
        case .recordWithoutIndex: .recordWithoutIndex
        case .recordWithoutName, .nameThatLeadsNowhere, .nameThatLeadsToAnother: .recordWithoutName
        case .nameTakenTwice: .nameTakenTwice
        case .suspectName, .suspectNameOfAnother: .nameWithoutRecord
        case .unreadableRecord: .unreadableRecord
        }
    }

    var isRepairable: Bool { self != .nameTakenTwice && self != .unreadableRecord }

    func plant(in store: StoreUnderTest) async throws {
        let index = "index:tin:\(Shard(of: id(2)))"
        switch self {
        case .indexWithoutRecord:
            try await store.remove("tin:\(id(2))")
            try await store.remove("name:tin:tin-2")
        case .strangeIndexEntry: try await store.plant(index, ids("../x", id(2).description))
        case .entryInAnotherShard:
            let other = try #require(Shard.all.first { shard in (1...3).allSatisfy { Shard(of: id($0)) != shard } })
            try await store.plant("index:tin:\(other)", ids(id(2).description))
        case .recordWithoutIndex: try await store.remove(index)
        case .recordWithoutName: try await store.remove("name:tin:tin-2")
        case .nameThatLeadsNowhere: try await store.plant("name:tin:tin-2", name(of: 9))
        case .nameThatLeadsToAnother: try await store.plant("name:tin:tin-2", name(of: 1))
        case .nameTakenTwice:
            let twin = #"{"schema_version":2,"id":"\#(id(2))","name":"tin-1","beans":"0"}"#
            try await store.plant("tin:\(id(2))", twin)
        case .suspectName: try await store.plant("name:tin:suspect", name(of: 9))
        case .suspectNameOfAnother: try await store.plant("name:tin:suspect", name(of: 1))
        case .unreadableRecord: try await store.plant("tin:\(id(2))", #"{"schema_version":2}"#)
        }
    }

    private func name(of number: Int) -> String { #"{"schema_version":1,"id":"\#(id(number))"}"# }

    private func ids(_ ids: String...) -> String {
        #"{"schema_version":1,"ids":[\#(ids.map { "\"\($0)\"" }.joined(separator: ","))]}"#
    }
}
