import Dapr
import Domain
import Synchronization
import TestSupport

/// The semantics of a Dapr store, in memory, with conflicts and lost answers on demand.
final class MemoryStore: StateStore {
    struct Faults: Sendable {
        /// Chance that a transaction is refused as a conflict.
        var conflict = 0.0
        /// Chance that a transaction happens and its answer is lost.
        var lostAnswer = 0.0
    }

    private struct State {
        var entries: [String: StateEntry] = [:]
        var version = 0
        var generator = SeededGenerator(seed: 1)
        var faults = Faults()
        var transactions = 0
        var timesToLive: [String: Duration] = [:]
    }

    private let state = Mutex(State())

    init(seed: UInt64 = 1, faults: Faults = Faults()) {
        state.withLock {
            $0.generator = SeededGenerator(seed: seed)
            $0.faults = faults
        }
    }

    var keys: [String] { state.withLock { $0.entries.keys.sorted() } }
    var transactions: Int { state.withLock { $0.transactions } }
    func timeToLive(_ key: String) -> Duration? { state.withLock { $0.timesToLive[key] } }
    func text(_ key: String) -> String? {
        state.withLock { $0.entries[key].map { String(decoding: $0.value, as: UTF8.self) } }
    }

    func plant(_ key: String, _ text: String) {
        state.withLock {
            $0.version += 1
            $0.entries[key] = StateEntry(value: Array(text.utf8), etag: "\($0.version)")
        }
    }

    func get(_ key: String) async throws(DaprError) -> StateEntry? {
        await Task.yield()
        return state.withLock { $0.entries[key] }
    }

    func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] {
        await Task.yield()
        return state.withLock { state in
            Dictionary(uniqueKeysWithValues: keys.compactMap { key in state.entries[key].map { (key, $0) } })
        }
    }

    func transact(_ operations: [StateOperation]) async throws(DaprError) {
        await Task.yield()
        let failure: DaprError? = state.withLock { state in
            state.transactions += 1
            if Double.random(in: 0..<1, using: &state.generator) < state.faults.conflict { return .conflict }
            guard Self.apply(operations, to: &state) else { return .conflict }
            let isLost = Double.random(in: 0..<1, using: &state.generator) < state.faults.lostAnswer
            return isLost ? .deadlineExceeded("planted") : nil
        }
        if let failure { throw failure }
    }

    private static func apply(_ operations: [StateOperation], to state: inout State) -> Bool {
        var after = state
        for operation in operations {
            let stored = after.entries[operation.key]
            switch operation {
            case .upsert(let key, let value, let condition, let timeToLive):
                switch condition {
                case .always: break
                case .insertOnly: if stored != nil { return false }
                case .etag(let etag): if stored?.etag != etag { return false }
                }
                after.version += 1
                after.entries[key] = StateEntry(value: value, etag: "\(after.version)")
                after.timesToLive[key] = timeToLive
            case .delete(let key, let etag):
                if let etag, stored?.etag != etag { return false }
                after.entries[key] = nil
            }
        }
        state = after
        return true
    }
}
