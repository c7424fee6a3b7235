import Synchronization

/// Bounds the memory that all bodies together take while their `model` is looked for.
final class HeldBytesBudget: Sendable {
    static let maximumBytes = 128 << 20

    private let limit: Int
    private let used = Atomic<Int>(0)

    init(limitBytes: Int = maximumBytes) { limit = limitBytes }

    var usedBytes: Int { used.load(ordering: .relaxed) }

    /// One body's part, given back when it is let go.
    final class Reservation: Sendable {
        private let budget: HeldBytesBudget
        private let bytes = Atomic<Int>(0)

        init(of budget: HeldBytesBudget) { self.budget = budget }

        deinit { budget.used.subtract(bytes.load(ordering: .relaxed), ordering: .relaxed) }

        /// False, and nothing changed, if the budget does not allow it.
        func grow(by count: Int) -> Bool {
            let now = budget.used.add(count, ordering: .relaxed).newValue
            guard now <= budget.limit else {
                budget.used.subtract(count, ordering: .relaxed)
                return false
            }
            bytes.add(count, ordering: .relaxed)
            return true
        }
    }
}
