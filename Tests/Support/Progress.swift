import Synchronization

/// A count that one task adds to while another watches it.
package final class Progress: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    package var total: Int { count.load(ordering: .relaxed) }

    /// Returns the new total.
    @discardableResult
    package func add(_ amount: Int) -> Int { count.add(amount, ordering: .relaxed).newValue }

    /// The count when it has begun, and then stood still for a quarter of a second: that nothing more happens has no
    /// event of its own.
    package func settled() async throws -> Int {
        var last = -1
        while last != total || last == 0 {
            last = total
            try await Task.sleep(for: .milliseconds(250))
        }
        return last
    }
}
