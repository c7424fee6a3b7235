import Dapr
import Domain
import Persistence
import Testing

/// Entities come and go at random, in transactions of several, through two replicas; after each few of them the index
/// is compared with a plain sorted list.
package struct IndexConformance: Sendable {
    /// What is listed.
    struct Entry: IndexedRecord {
        let uuid: UUIDv7

        init(_ uuid: UUIDv7) { self.uuid = uuid }

        init(from decoder: any Decoder) throws {
            uuid = try decoder.container(keyedBy: CodingKeys.self).decode(Identifier<Entry>.self, forKey: .uuid).uuid
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(Identifier<Entry>(uuid), forKey: .uuid)
        }

        private enum CodingKeys: String, CodingKey {
            case uuid = "id"
        }
    }

    /// All entities are in these shards, so that few of them make long lists.
    private static let shards = 2
    private static let comparisonInterval = 20
    private static let maximumChanges = 8

    private let replicas: [RecordStore]
    private let seed: UInt64
    private var generator: SeededGenerator
    private var reference: Set<UUIDv7> = []
    private var time = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)

    /// - Parameter store: has no entries yet.
    package init(_ store: any StateStore, seed: UInt64) {
        let retries = ConflictRetries(clock: StillClock(), randomFraction: { 0 })
        replicas = (0..<2).map { _ in RecordStore(store, retries: retries) }
        self.seed = seed
        generator = SeededGenerator(seed: seed)
    }

    /// The number grows and shrinks as it likes, and in the end it is none.
    package mutating func run(transactions: Int) async throws {
        for number in 1...transactions {
            let isGrowing = number * 5 < transactions * 3
            try await change(insertions: isGrowing ? 80 : 25)
            if number.isMultiple(of: Self.comparisonInterval) { try await compare() }
        }
        while !reference.isEmpty { try await change(insertions: 0) }
        try await compare()
    }

    private mutating func change(insertions percent: Int) async throws {
        var (new, old): (Set<UUIDv7>, Set<UUIDv7>) = ([], [])
        for _ in 0..<Int.random(in: 1...Self.maximumChanges, using: &generator) {
            if Int.random(in: 0..<100, using: &generator) < percent {
                new.insert(makeID())
            } else if let id = reference.subtracting(old).sorted().randomElement(using: &generator) {
                old.insert(id)
            }
        }
        try await commit(new, old, by: replicas[Int.random(in: 0..<replicas.count, using: &generator)])
        reference = reference.union(new).subtracting(old)
    }

    /// Most ids are younger than all before them; the clock of another replica is behind, and some are mended late.
    private mutating func makeID() -> UUIDv7 {
        time = time + .milliseconds(Int.random(in: 1...1000, using: &generator))
        let delay: Duration =
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: .milliseconds(Int.random(in: 0...1_000_000, using: &generator))
            case 1, 2: .milliseconds(Int.random(in: 0...5000, using: &generator))
            default: .zero
            }
        while true {
            let id = UUIDv7(at: time + (.zero - delay), using: &generator)
            if Shard(of: id).number < Self.shards { return id }
        }
    }

    private func commit(_ new: Set<UUIDv7>, _ old: Set<UUIDv7>, by records: RecordStore) async throws {
        let entries = EntityCollection<Entry>("entry", in: records)
        try await records.change { () async throws(ServiceError) -> Decision<Bool> in
            let found = try await records.entries(entries.indexKeys)
            var shards = try await entries.indexShards(changing: new.union(old), in: found)
            var transaction = StateTransaction()
            for id in new {
                #expect(try shards[Shard(of: id)]?.insert(id.description) == true, "seed \(seed)")
                try transaction.insert(entries.key(id), Entry(id))
            }
            for id in old {
                #expect(try shards[Shard(of: id)]?.remove(id.description) == true, "seed \(seed)")
                transaction.delete(try await entries.read(id))
            }
            for shard in shards.values { try shard.write(into: &transaction) }
            return .commit(transaction, true)
        }
    }

    private mutating func compare() async throws {
        let expected = reference.sorted()
        for records in replicas {
            let entries = EntityCollection<Entry>("entry", in: records)
            let listed = try await entries.ids(in: try await records.entries(entries.indexKeys))
            let areListed = listed == expected.map(\.description)
            #expect(areListed, "seed \(seed)")
            var report = ConsistencyReport()
            for shard in Shard.all { try await entries.check(shard, as: "entries", repairing: false, into: &report) }
            #expect(report.findings.isEmpty, "seed \(seed)")
            #expect(report.checked["entries"] ?? 0 == expected.count, "seed \(seed)")
            let absent = (0..<20).map { _ in makeID() }
            #expect(try await entries.unlisted(expected.suffix(50) + absent) == absent, "seed \(seed)")
            let size = Int.random(in: 1...200, using: &generator)
            var (paged, after): ([UUIDv7], String?) = ([], nil)
            repeat {
                let page = try await entries.page(PageRequest(size: size, after: after))
                #expect(page.elements.count == size || page.next == nil, "seed \(seed)")
                paged += page.elements.map(\.record.uuid)
                after = page.next
            } while after != nil
            let arePaged = paged == expected
            #expect(arePaged, "seed \(seed), pages of \(size)")
        }
    }
}
