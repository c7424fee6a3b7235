import Dapr
import Domain
import JSON
import Synchronization

/// A Dapr state store in memory, with what callers rely on: conditions, all or nothing, expiry, ETags that never come
/// back, and values that are not kept byte for byte.
package final class InMemoryStateStore: StateStore {
    private struct Stored {
        let entry: StateEntry
        let expiry: Timestamp?
    }

    private struct State {
        var entries: [String: Stored] = [:]
        var lastETag = 0
        var outage: DaprError?
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Timestamp

    package init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    /// While it is set, every call ends with it and nothing is written.
    package var outage: DaprError? {
        get { state.withLock { $0.outage } }
        set { state.withLock { $0.outage = newValue } }
    }

    /// The keys that a reader would find.
    package var keys: [String] {
        let time = now()
        return state.withLock { state in
            state.entries.filter { Self.isAlive($0.value, at: time) }.keys.sorted()
        }
    }

    package func get(_ key: String) async throws(DaprError) -> StateEntry? {
        try await get([key])[key]
    }

    package func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] {
        await Task.yield()
        let time = now()
        let result = state.withLock { state -> Result<[String: StateEntry], DaprError> in
            if let outage = state.outage { return .failure(outage) }
            var found: [String: StateEntry] = [:]
            for key in keys {
                if let stored = state.entries[key], Self.isAlive(stored, at: time) { found[key] = stored.entry }
            }
            return .success(found)
        }
        return try result.get()
    }

    package func transact(_ operations: [StateOperation]) async throws(DaprError) {
        await Task.yield()
        let time = now()
        let failure = state.withLock { state -> DaprError? in
            if let outage = state.outage { return outage }
            var after = state
            for operation in operations {
                if let failure = Self.apply(operation, to: &after, at: time) { return failure }
            }
            state = after
            return nil
        }
        if let failure { throw failure }
    }

    private static func apply(_ operation: StateOperation, to state: inout State, at time: Timestamp) -> DaprError? {
        let key = operation.key
        guard !key.isEmpty, !key.contains("||") else {
            return .rejected(code: "ERR_MALFORMED_REQUEST", message: "illegal key \"\(key)\"")
        }
        let etag = state.entries[key].flatMap { isAlive($0, at: time) ? $0.entry.etag : nil }
        switch operation {
        case .upsert(_, let value, let condition, let timeToLive):
            switch condition {
            case .always: break
            case .insertOnly: if etag != nil { return .conflict }
            case .etag(let expected): if etag != expected { return .conflict }
            }
            guard let parsed = try? JSONParser.parse(value) else {
                return .rejected(code: "ERR_MALFORMED_REQUEST", message: "the value of \(key) is not JSON")
            }
            state.lastETag += 1
            state.entries[key] = Stored(
                entry: StateEntry(value: JSONWriter.bytes(reencoded(parsed)), etag: "etag-\(state.lastETag)"),
                expiry: timeToLive.map { time + $0 })
        case .delete(_, let expected):
            if let expected, etag != expected { return .conflict }
            state.entries[key] = nil
        }
        return nil
    }

    private static func isAlive(_ stored: Stored, at time: Timestamp) -> Bool {
        stored.expiry.map { $0 > time } ?? true
    }

    /// As a store behind daprd gives values back: numbers went through a double, members are sorted by name.
    private static func reencoded(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .string, .number: value
        case .integer(let integer): Int64(exactly: Double(integer)).map { .integer($0) } ?? .number(Double(integer))
        case .array(let elements): .array(elements.map(reencoded))
        case .object(let object):
            .object(
                JSONObject(object.members.sorted { $0.name < $1.name }.map { ($0.name, reencoded($0.value)) }))
        }
    }
}
