import Cryptography
import Domain
import Synchronization

/// `state.in-memory`: gone with the process.
final class MemoryBackend: StateBackend {
    let capabilities = ["ETAG", "TRANSACTIONAL", "TTL", "DELETE_WITH_PREFIX", "KEYS_LIKE", "ACTOR"]

    private let entries = Mutex<[String: StoredValue]>([:])
    private let now: @Sendable () -> Timestamp

    init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    func get(_ keys: [String]) async throws(StateFailure) -> [String: StoredValue] {
        let time = now()
        return entries.withLock { entries in
            var found: [String: StoredValue] = [:]
            for key in keys { found[key] = entries[key].flatMap { $0.isAlive(at: time) ? $0 : nil } }
            return found
        }
    }

    func transact(_ writes: [StateWrite]) async throws(StateFailure) {
        let time = now()
        let failure = entries.withLock { entries -> StateFailure? in
            var after = entries
            for write in writes {
                if let failure = Self.apply(write, to: &after, at: time) { return failure }
            }
            entries = after
            return nil
        }
        if let failure { throw failure }
    }

    func removeExpired() async throws(StateFailure) {
        let time = now()
        entries.withLock { entries in entries = entries.filter { $0.value.isAlive(at: time) } }
    }

    private static func apply(
        _ write: StateWrite, to entries: inout [String: StoredValue], at time: Timestamp
    ) -> StateFailure? {
        switch write {
        case .upsert(let key, let value, let condition, let timeToLiveSeconds):
            let current = entries[key].flatMap { $0.isAlive(at: time) ? $0.etag : nil }
            switch condition {
            case .always: break
            case .insertOnly:
                if current != nil { return .etagMismatch(detail: "item already exists and no etag was passed") }
            case .etag(let expected):
                if current != expected { return mismatch(key, current: current, expected: expected) }
            }
            entries[key] = StoredValue(
                value: value, etag: UUIDText.random(), expiry: timeToLiveSeconds.map { time + .seconds($0) })
        case .delete(let key, let expected):
            let current = entries[key].flatMap { $0.isAlive(at: time) ? $0.etag : nil }
            if let expected, current != expected { return mismatch(key, current: current, expected: expected) }
            entries[key] = nil
        }
        return nil
    }

    private static func mismatch(_ key: String, current: String?, expected: String) -> StateFailure {
        guard let current else {
            return .etagMismatch(detail: "state not exist or expired for key=\(key)")
        }
        return .etagMismatch(detail: "state etag not match for key=\(key): current=\(current), expect=\(expected)")
    }
}

extension StoredValue {
    func isAlive(at time: Timestamp) -> Bool { expiry.map { $0 > time } ?? true }
}
