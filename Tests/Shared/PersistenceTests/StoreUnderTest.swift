import Dapr
import Domain
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
    func listedIDs() async throws -> [String] { try await ids(in: try await records.entries(indexKeys)) }
}

extension EntityCollection<Tin> {
    /// Adds a tin in a change of its own, as `store` sees it.
    func create(_ tin: Tin, by store: RecordStore) async throws {
        try await store.change(lanes: lanes(indexing: tin.uuid)) { () async throws(ServiceError) -> Decision<Bool> in
            var transaction = StateTransaction()
            guard try await insert(tin, into: &transaction) else { return .settled(true) }
            return .commit(transaction, true)
        }
    }

    /// Does nothing if there is no such tin.
    func delete(_ id: UUIDv7, by store: RecordStore) async throws {
        try await store.change(lanes: lanes(indexing: id)) { () async throws(ServiceError) -> Decision<Bool> in
            guard let stored = try await find(id) else { return .settled(true) }
            var transaction = StateTransaction()
            try await delete(stored, into: &transaction)
            return .commit(transaction, true)
        }
    }
}
