import Synchronization

/// A count that one task adds to while another watches it.
final class Progress: Sendable {
    private let count = Atomic<Int>(0)

    var total: Int { count.load(ordering: .relaxed) }

    func add(_ amount: Int) { count.add(amount, ordering: .relaxed) }

    /// The count when it has stood still for a quarter of a second.
    func settled() async throws -> Int {
        var last = -1
        while last != total || last == 0 {
            last = total
            try await Task.sleep(for: .milliseconds(250))
        }
        return last
    }
}
