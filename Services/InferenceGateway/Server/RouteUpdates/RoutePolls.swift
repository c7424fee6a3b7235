import Lifecycle
import Synchronization

/// Lets a request wait until ModelServing was asked once more: what it came with may be newer than the routes in force.
///
/// Waiting does not make the poller ask any sooner or more often, so nobody can use it to put load on ModelServing.
final class RoutePolls: Sendable {
    /// More requests than this do not wait: they are judged by the routes in force.
    static let maximumWaiting = 256
    /// For a poll to begin and to end, when all is well it takes half of it.
    static let maximumWait: Duration = .seconds(1)

    private struct Waiter {
        /// A poll that had begun before the request came may know less than the request does.
        let poll: Int
        let end: AsyncStream<Never>.Continuation
    }

    private struct State {
        var begun = 0
        var isPolling = false
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())

    var waitingCount: Int { state.withLock { $0.waiters.count } }

    /// Polls follow one another from now on, until `stop()`.
    func start() { state.withLock { $0.isPolling = true } }

    func begin() { state.withLock { $0.begun += 1 } }

    /// The poll that began last has ended, whatever came of it.
    func end() {
        let done = state.withLock { state in
            let done = state.waiters.filter { $0.poll <= state.begun }
            state.waiters.removeAll { $0.poll <= state.begun }
            return done
        }
        for waiter in done { waiter.end.finish() }
    }

    /// No other poll follows: nobody waits any longer.
    func stop() {
        let left = state.withLock { state in
            state.isPolling = false
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in left { waiter.end.finish() }
    }

    /// Returns when a poll that begins from now on has ended, or after `maximumWait`; at once if nobody polls, or too
    /// many wait.
    func next() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        let isWaiting = state.withLock { state in
            guard state.isPolling, state.waiters.count < Self.maximumWaiting else { return false }
            state.waiters.append(Waiter(poll: state.begun + 1, end: continuation))
            return true
        }
        guard isWaiting else { return }
        _ = await finishes(within: Self.maximumWait) { for await _ in stream {} }
    }
}
