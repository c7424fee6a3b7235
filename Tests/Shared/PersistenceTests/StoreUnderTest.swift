import Dapr
import TestSupport

@testable import Persistence

/// A store in memory, behind one that can fail.
struct StoreUnderTest {
    let time = ManualTime()
    let memory: InMemoryStateStore
    let faulty: FaultyStateStore

    init(seed: UInt64 = 1, faults: FaultyStateStore.Faults = .init()) {
        let time = time
        memory = InMemoryStateStore(now: { time.now })
        faulty = FaultyStateStore(memory, seed: seed, faults: faults)
    }

    /// As one more replica sees it.
    var records: RecordStore {
        RecordStore(faulty, retries: ConflictRetries(clock: StillClock(), randomFraction: { 0 }))
    }

    func plant(_ key: String, _ text: String) async throws {
        try await memory.transact([.upsert(key: key, value: Array(text.utf8), condition: .always)])
    }

    func remove(_ key: String) async throws {
        try await memory.transact([.delete(key: key, etag: nil)])
    }

    /// Everything that is stored, as text by key.
    func contents() async throws -> [String: String] {
        try await memory.get(memory.keys).mapValues { String(decoding: $0.value, as: UTF8.self) }
    }

    func text(_ key: String) async throws -> String? {
        try await memory.get(key).map { String(decoding: $0.value, as: UTF8.self) }
    }
}

extension EntityCollection {
    /// Every id that the index lists, oldest first.
    func listedIDs() async throws -> [String] { try ids(in: try await records.entries(indexKeys)) }
}
