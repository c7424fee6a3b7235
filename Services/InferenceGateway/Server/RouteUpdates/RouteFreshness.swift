import Domain
import Synchronization

/// How old the routes in force are.
final class RouteFreshness: Sendable {
    struct State: Hashable, Sendable {
        /// When ModelServing last said that this is its table, as far as this gateway knows.
        let confirmedAt: Timestamp
        /// Whether that was said to this process; false for a table that came from disk.
        let isFromModelServing: Bool
    }

    private let current = Mutex<State?>(nil)

    /// Nil until a table is in force.
    var state: State? { current.withLock { $0 } }

    func set(_ state: State) { current.withLock { $0 = state } }
}
