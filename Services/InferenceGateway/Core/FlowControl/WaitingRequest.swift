import Domain
import Synchronization

/// A request in a service's queue. It is told its turn once; what it got it learns from the queue.
final class WaitingRequest: Sendable {
    enum Outcome: Sendable {
        /// A place at it is taken.
        case turn(Upstream)
        case refused(Refusal)
    }

    private struct State {
        var isAwake = false
        var continuation: CheckedContinuation<Void, Never>?
    }

    /// Nil: callers without a token share one lane.
    let owner: EndpointTokenID?
    let asked: Balancer.Asked
    private let outcome = Mutex<Outcome?>(nil)
    private let state = Mutex(State())

    init(owner: EndpointTokenID?, asked: Balancer.Asked) {
        self.owner = owner
        self.asked = asked
    }

    /// Under the queue's lock.
    var result: Outcome? {
        get { outcome.withLock { $0 } }
        set { outcome.withLock { $0 = newValue } }
    }

    /// Idempotent.
    func wake() {
        let continuation = state.withLock { state in
            state.isAwake = true
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume()
    }

    /// Returns when someone has called `wake()`: the one who serves the queue, the clock, or who gave the request up.
    func sleep(atMost duration: Duration) async {
        let clock = Task {
            try await Task.sleep(for: duration)
            wake()
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAwake = state.withLock { state in
                    if !state.isAwake { state.continuation = continuation }
                    return state.isAwake
                }
                if isAwake { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
        clock.cancel()
    }
}
