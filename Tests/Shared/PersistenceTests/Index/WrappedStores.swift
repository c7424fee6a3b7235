import Dapr
import Synchronization

/// Counts what goes to and from a store.
final class MeteredStore: StateStore {
    private let store: any StateStore
    private let counts = Mutex((bytes: 0, keysRead: 0))

    init(_ store: any StateStore) { self.store = store }

    var bytes: Int { counts.withLock { $0.bytes } }

    var keysRead: Int { counts.withLock { $0.keysRead } }

    func get(_ key: String) async throws(DaprError) -> StateEntry? { try await get([key])[key] }

    func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] {
        let entries = try await store.get(keys)
        counts.withLock { counts in
            counts.keysRead += keys.count
            for entry in entries.values { counts.bytes += entry.value.count }
        }
        return entries
    }

    func transact(_ operations: [StateOperation]) async throws(DaprError) {
        counts.withLock { counts in
            for case .upsert(_, let value, _, _) in operations { counts.bytes += value.count }
        }
        try await store.transact(operations)
    }
}

/// Lets something happen just before a reading of many keys.
final class HookedStore: StateStore {
    private let store: any StateStore
    let beforeReading = Mutex<(@Sendable ([String]) async -> Void)?>(nil)

    init(_ store: any StateStore) { self.store = store }

    func get(_ key: String) async throws(DaprError) -> StateEntry? { try await store.get(key) }

    func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] {
        await beforeReading.withLock { $0 }?(keys)
        return try await store.get(keys)
    }

    func transact(_ operations: [StateOperation]) async throws(DaprError) { try await store.transact(operations) }
}
