import Synchronization

/// How the reporting of usage goes, for metrics.
final class UsageStatus: Sendable {
    struct State: Hashable, Sendable {
        var batchesSent = 0
        var attemptsFailed = 0
        /// Made and not yet taken by ModelServing: 0 or 1.
        var batchesUnderway = 0
        var unreportedRequests: Int64 = 0
        var logBytes = 0
    }

    private let current = Mutex(State())

    var state: State { current.withLock { $0 } }

    func update(_ change: (inout State) -> Void) { current.withLock { change(&$0) } }
}
