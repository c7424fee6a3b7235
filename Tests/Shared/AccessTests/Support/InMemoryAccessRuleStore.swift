import Access
import Domain
import Synchronization

/// Rules that several authorities share, and that can be away.
final class InMemoryAccessRuleStore: AccessRuleStore {
    private struct State {
        var rules = StoredRules()
        var isAway = false
        var answers: [IdempotencyKey: String] = [:]
    }

    private let state = Mutex(State())

    var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }

    /// What is written between the look of a change and its write, as by another process.
    func write(_ rules: [AccessRule]) {
        state.withLock { $0.rules = $0.rules.applying(AccessRuleChange(adding: rules)) }
    }

    func version() async throws(ServiceError) -> Int64 { try await read().version }

    func read() async throws(ServiceError) -> StoredRules {
        let state = state.withLock { ($0.rules, $0.isAway) }
        guard !state.1 else {
            throw .unavailable(code: "state_store_unavailable", message: "away", retryAfter: .seconds(1))
        }
        return state.0
    }

    func change(
        once key: IdempotencyKey?, _ decide: (StoredRules) throws(ServiceError) -> AccessRuleChange
    ) async throws(ServiceError) -> String {
        if let key, let answer = state.withLock({ $0.answers[key] }) { return answer }
        while true {
            let seen = try await read()
            let change = try decide(seen)
            guard !change.isEmpty else { return change.answer }
            let isWritten = state.withLock { state in
                guard state.rules.version == seen.version else { return false }
                state.rules = seen.applying(change)
                if let key { state.answers[key] = change.answer }
                return true
            }
            if isWritten { return change.answer }
        }
    }
}
