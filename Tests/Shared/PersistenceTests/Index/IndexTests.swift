import Dapr
import Domain
import Synchronization
import TestSupport
import Testing

@testable import Persistence

/// The index with so many entities that their ids do not fit into the shards' own records.
struct IndexTests {
    let store = StoreUnderTest()
    let tins: EntityCollection<Tin>

    init() { tins = EntityCollection("tin", in: store.records) }

    /// Numbers of tins whose ids are in the same shard as that of the first.
    static let numbers = (1...40_000).filter { Shard(of: id($0)) == Shard(of: id(1)) }
    static let index = "index:tin:\(Shard(of: id(1)))"

    @Test(arguments: UInt64(1)...12) func listsWhatIsThere(seed: UInt64) async throws {
        var conformance = IndexConformance(store.memory, seed: seed)
        try await conformance.run(transactions: 160)
        #expect(store.memory.keys == ["index:entry:00", "index:entry:01"])
    }

    @Test func costsNoMoreWhenThereIsMore() async throws {
        let metered = MeteredStore(store.memory)
        let records = RecordStore(metered)
        let tins = EntityCollection<Tin>("tin", in: records)
        var costs: [Int] = []
        for number in Self.numbers.prefix(600) {
            let before = metered.bytes
            try await tins.create(Tin(id(number), "tin-\(number)"), by: records)
            costs.append(metered.bytes - before)
        }
        let (early, late) = (costs[50..<150], costs[500..<600])
        // Only the list of segments grows: 60 bytes for 32 entities, read and written.
        let growth = late.reduce(0, +) - early.reduce(0, +)
        #expect(growth < 100 * 15 * 120)
        #expect(late.max() ?? 0 < 10_000)
        let before = metered.bytes
        #expect(try await tins.page(PageRequest(size: 10)).elements.count == 10)
        #expect(metered.bytes - before < 10_000)
        let first = metered.keysRead
        _ = try await tins.page(PageRequest(size: 10))
        // The shards' records, and the entities: segments are remembered.
        #expect(metered.keysRead - first == Shard.count + 10)
    }

    @Test func takesOverAnIndexInItsOldForm() async throws {
        let numbers = Self.numbers.prefix(200)
        let ids = numbers.map { id($0).description }
        for number in numbers { try await store.plant("tin:\(id(number))", tin(number)) }
        for number in numbers { try await store.plant("name:tin:tin-\(number)", name(of: number)) }
        let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
        try await store.plant(Self.index, #"{"schema_version":1,"ids":[\#(list)]}"#)
        #expect(try await tins.page(PageRequest(size: 500)).elements.map(\.record.uuid.description) == ids)
        #expect(try await check(repairing: false).findings.isEmpty)
        let next = Self.numbers[200]
        try await tins.create(Tin(id(next), "tin-\(next)"), by: store.records)
        #expect(try await tins.listedIDs() == ids + [id(next).description])
        #expect(try await record().segments.map(\.count) == [32, 32, 32, 32, 32])
        #expect(try await check(repairing: false).findings.isEmpty)
    }

    @Test func keepsAgreementAcrossReplicas() async throws {
        for seed in UInt64(1)...6 {
            let store = StoreUnderTest(seed: seed, faults: .init(conflict: 0.1, lostAnswer: 0.1))
            let replicas = [store.records, store.records]
            await withTaskGroup(of: Void.self) { group in
                for (place, number) in Self.numbers.prefix(240).enumerated() {
                    let records = replicas[place % 2]
                    let tins = EntityCollection<Tin>("tin", in: records)
                    group.addTask {
                        try? await tins.create(Tin(id(number), "tin-\(number)"), by: records)
                        if place % 3 != 0 { try? await tins.delete(id(number), by: replicas[(place + 1) % 2]) }
                    }
                }
            }
            let entities = store.memory.keys.filter { $0.hasPrefix("tin:") }.map { String($0.dropFirst(4)) }
            let tins = EntityCollection<Tin>("tin", in: store.records)
            #expect(try await tins.listedIDs() == entities.sorted(), "seed \(seed)")
            var report = ConsistencyReport()
            try await tins.check(Shard(of: id(1)), as: "tins", repairing: false, into: &report)
            #expect(report.findings.isEmpty, "seed \(seed)")
        }
    }

    /// Whatever becomes of segments between the reading of a shard's record and theirs, nothing else is missed.
    @Test(arguments: 0..<12) func pagesWhileSegmentsChange(seed: Int) async throws {
        let numbers = Self.numbers.prefix(200)
        for number in numbers { try await create(number) }
        let hooked = HookedStore(store.memory)
        let reader = EntityCollection<Tin>("tin", in: RecordStore(hooked))
        var generator = SeededGenerator(seed: UInt64(seed))
        let victims = (0..<10).map { _ in Array(numbers.shuffled(using: &generator).prefix(15)) }
        let round = Mutex(0)
        hooked.beforeReading.withLock { hook in
            hook = { keys in
                guard keys.contains(where: { $0.hasPrefix("\(Self.index):") }) else { return }
                let next = round.withLock { round in
                    defer { round += 1 }
                    return round
                }
                guard next < victims.count else { return }
                for number in victims[next] { try? await tins.delete(id(number), by: store.records) }
            }
        }
        var (seen, after): ([UUIDv7], String?) = ([], nil)
        repeat {
            let page = try await reader.page(PageRequest(size: 30, after: after))
            seen += page.elements.map(\.record.uuid)
            after = page.next
        } while after != nil
        hooked.beforeReading.withLock { $0 = nil }
        let left = try await tins.listedIDs()
        #expect(seen == seen.sorted() && Set(seen).count == seen.count)
        #expect(Set(left).isSubset(of: seen.map(\.description)))
        #expect(left.count < numbers.count)
    }

    @Test(arguments: IndexPlant.allCases) func findsAndMends(plant: IndexPlant) async throws {
        for number in Self.numbers.prefix(200) { try await create(number) }
        let before = try await tins.listedIDs()
        try await plant.plant(in: store, try await record())
        let planted = try await store.contents()
        #expect(Set(try await check(repairing: false).findings.map(\.kind)) == ["index_out_of_order"])
        #expect(try await store.contents() == planted)
        let mended = try await check(repairing: true)
        #expect(mended.findings.contains { $0.kind == "index_out_of_order" && $0.isRepaired })
        #expect(try await check(repairing: true).findings.isEmpty)
        let after = try await tins.listedIDs()
        let lost = plant == .segmentGone ? Set(before[32..<64]) : []
        #expect(after == before.filter { !lost.contains($0) })
        // What the index lost is listed again when something tells of it.
        var report = ConsistencyReport()
        for id in before.compactMap({ UUIDv7($0) }) {
            try await tins.check(suspect: id, repairing: true, into: &report)
        }
        #expect(try await tins.listedIDs() == before)
        try await create(Self.numbers[200])
        #expect(try await check(repairing: true).findings.isEmpty)
    }

    @Test(arguments: ["1 a 2", "1 a 2 d 3", "x a 2 d", "1 a x d"])
    func refusesSegmentsThatCannotBeRead(text: String) async throws {
        try await store.plant(Self.index, #"{"schema_version":2,"segments":"\#(text)","ids":""}"#)
        await #expect(throws: ServiceError.self) { try await tins.page(PageRequest()) }
        #expect(try await check(repairing: true).findings.map(\.kind) == ["unreadable_record"])
    }

    @Test func restsBetweenPagesOfACheck() async throws {
        for number in Self.numbers.prefix(250) { try await create(number) }
        var (rests, report) = (0, ConsistencyReport())
        try await tins.check(Shard(of: id(1)), as: "tins", repairing: true, into: &report, pause: { rests += 1 })
        #expect(rests == 2)
        #expect(report.checked == ["tins": 250])
    }

    @Test func listsWhatItCanOfATornIndex() async throws {
        for number in Self.numbers.prefix(200) { try await create(number) }
        try await store.remove("\(Self.index):2")
        #expect(try await tins.page(PageRequest(size: 500)).elements.count == 168)
    }

    private func create(_ number: Int) async throws {
        try await tins.create(Tin(id(number), "tin-\(number)"), by: store.records)
    }

    private func record() async throws -> IndexRecord {
        try #require(try await store.records.read(RecordKey<IndexRecord>(Self.index))).record
    }

    private func check(repairing: Bool) async throws -> ConsistencyReport {
        var report = ConsistencyReport()
        try await tins.check(Shard(of: id(1)), as: "tins", repairing: repairing, into: &report)
        return report
    }

    private func tin(_ number: Int) -> String {
        #"{"schema_version":2,"id":"\#(id(number))","name":"tin-\#(number)","beans":"0"}"#
    }

    private func name(of number: Int) -> String { #"{"schema_version":1,"id":"\#(id(number))"}"# }
}

/// What can go wrong between a shard and its segments.
enum IndexPlant: CaseIterable, Sendable {
    case segmentGone, segmentShorter, segmentUnknown, segmentsExchanged, listedTwice, olderAmongTheYoungest

    func plant(in store: StoreUnderTest, _ record: IndexRecord) async throws {
        let key = RecordKey<IndexRecord>(IndexTests.index)
        let records = store.records
        let segments = try await records.read((1...3).map { IndexShard.segmentKey(key, $0) }).map(\.record.ids)
        var changed = record
        switch self {
        case .segmentGone: return try await store.remove("\(key):2")
        case .segmentShorter:
            // The record as if it had been written before two ids came.
            changed.segments[1] = IndexSegment(2, SortedIDs(segments[1].all.dropLast(2)))
        case .segmentUnknown: return try await put(IndexSegmentRecord(ids: segments[0]), "\(key):6", in: store)
        case .segmentsExchanged: changed.segments.swapAt(0, 1)
        case .listedTwice:
            let ids = SortedIDs(segments[1].all + [segments[2].all[0]])
            changed.segments[1] = IndexSegment(2, ids)
            try await put(IndexSegmentRecord(ids: ids), "\(key):2", in: store)
        case .olderAmongTheYoungest: _ = changed.youngest.insert(segments[1].all[3])
        }
        try await put(changed, key.description, in: store)
    }

    private func put(_ record: some StateRecord, _ key: String, in store: StoreUnderTest) async throws {
        try await store.plant(key, String(decoding: try RecordCoding.encode(record, for: key), as: UTF8.self))
    }
}
