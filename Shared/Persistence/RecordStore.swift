import Dapr
import Domain

/// Typed records in a Dapr state store: reading, and changing them by compare-and-swap.
public struct RecordStore: Sendable {
    let store: any StateStore
    let retries: ConflictRetries
    let lanes: WriterLanes
    let segments = SegmentMemory()

    public init(_ store: any StateStore, retries: ConflictRetries = ConflictRetries()) {
        self.store = store
        self.retries = retries
        lanes = WriterLanes(clock: retries.clock)
    }

    /// Nil if there is no such record.
    public func read<Record>(_ key: RecordKey<Record>) async throws(ServiceError) -> Stored<Record>? {
        let entry: StateEntry?
        do throws(DaprError) {
            entry = try await store.get(key.description)
        } catch {
            throw error.serviceError
        }
        return try entry.map { entry throws(ServiceError) in try Self.stored(key, entry) }
    }

    /// Those of `keys` that exist, in the order of `keys`.
    public func read<Record>(_ keys: [RecordKey<Record>]) async throws(ServiceError) -> [Stored<Record>] {
        let entries = try await entries(keys.map(\.description))
        var found: [Stored<Record>] = []
        for key in keys {
            if let stored = try entries[key] { found.append(stored) }
        }
        return found
    }

    /// Records of different kinds, read in one call per `StateLimits.maximumKeys`. No duplicates in `keys`.
    public func entries(_ keys: [String]) async throws(ServiceError) -> StateEntries {
        var found: [String: StateEntry] = [:]
        var rest = keys[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(StateLimits.maximumKeys))
            rest = rest.dropFirst(some.count)
            do throws(DaprError) {
                found.merge(try await store.get(some)) { _, new in new }
            } catch {
                throw error.serviceError
            }
        }
        return StateEntries(entries: found)
    }

    /// All or nothing. The writes go to the store in the order of their keys: two transactions that want the same rows
    /// in different orders would wait for each other there.
    /// - Returns: whether it happened; if not, some condition does not hold any more.
    public func commit(_ transaction: StateTransaction) async throws(ServiceError) -> Bool {
        guard transaction.operations.count <= StateLimits.maximumOperations else {
            throw .internalFault(detail: "a transaction of \(transaction.operations.count) operations")
        }
        do throws(DaprError) {
            try await store.transact(transaction.operations.sorted { $0.key < $1.key })
            return true
        } catch {
            if case .conflict = error { return false }
            throw error.serviceError
        }
    }

    static func stored<Record>(_ key: RecordKey<Record>, _ entry: StateEntry) throws(ServiceError) -> Stored<Record> {
        let record = try RecordCoding.decode(Record.self, from: entry.value, of: key.description)
        return Stored(key: key, record: record, etag: entry.etag)
    }
}

/// What one bulk read found.
public struct StateEntries: Sendable {
    let entries: [String: StateEntry]

    public subscript<Record>(key: RecordKey<Record>) -> Stored<Record>? {
        get throws(ServiceError) {
            guard let entry = entries[key.description] else { return nil }
            return try RecordStore.stored(key, entry)
        }
    }

    /// Bytes of the record's text; 0 if it is absent.
    func size<Record>(of key: RecordKey<Record>) -> Int { entries[key.description]?.value.count ?? 0 }
}
