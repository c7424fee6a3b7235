import Dapr
import Synchronization

/// A state store between which and its callers things go wrong, at random but repeatably.
package final class FaultyStateStore: StateStore {
    /// Chances, from 0 to 1.
    package struct Faults: Sendable {
        /// That a transaction is refused as a conflict.
        package var conflict: Double
        /// That a transaction happens and its answer is lost.
        package var lostAnswer: Double
        /// That a transaction does not happen because the store is away.
        package var outage: Double

        /// That a read fails because the store is away.
        package var failedRead: Double

        package init(
            conflict: Double = 0, lostAnswer: Double = 0, outage: Double = 0, failedRead: Double = 0
        ) {
            self.failedRead = failedRead
            self.conflict = conflict
            self.lostAnswer = lostAnswer
            self.outage = outage
        }
    }

    private struct State {
        var generator: SeededGenerator
        var faults: Faults
        var transactions = 0
    }

    private let store: any StateStore
    private let state: Mutex<State>

    package init(_ store: any StateStore, seed: UInt64 = 1, faults: Faults = Faults()) {
        self.store = store
        state = Mutex(State(generator: SeededGenerator(seed: seed), faults: faults))
    }

    package var faults: Faults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    /// How many transactions were tried.
    package var transactions: Int { state.withLock { $0.transactions } }

    package func get(_ key: String) async throws(DaprError) -> StateEntry? {
        try mayFailToRead()
        return try await store.get(key)
    }

    package func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] {
        try mayFailToRead()
        return try await store.get(keys)
    }

    private func mayFailToRead() throws(DaprError) {
        let fails = state.withLock { state in
            // No draw where it cannot matter, so that seeds mean what they meant.
            state.faults.failedRead > 0 && happens(state.faults.failedRead, &state.generator)
        }
        if fails { throw .storeUnavailable("planted") }
    }

    package func transact(_ operations: [StateOperation]) async throws(DaprError) {
        let (isConflict, isOut, isLost) = state.withLock { state in
            state.transactions += 1
            return (
                happens(state.faults.conflict, &state.generator), happens(state.faults.outage, &state.generator),
                happens(state.faults.lostAnswer, &state.generator)
            )
        }
        if isConflict { throw .conflict }
        if isOut { throw .storeUnavailable("planted") }
        try await store.transact(operations)
        if isLost { throw .deadlineExceeded("planted") }
    }
}

private func happens(_ chance: Double, _ generator: inout SeededGenerator) -> Bool {
    Double.random(in: 0..<1, using: &generator) < chance
}
