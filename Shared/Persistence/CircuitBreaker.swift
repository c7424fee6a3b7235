import Dapr
import Synchronization

/// A state store that is known not to answer is not waited for by everyone: after some calls in a row have waited in
/// vain, further ones fail at once, and one at a time is let through to see whether it answers again.
///
/// Failures that come quickly, such as a refused connection, cost nobody time and open nothing.
public final class CircuitBreaker: StateStore {
    /// Calls in a row that waited in vain.
    public static let failuresUntilOpen = 3
    /// What waiting in vain means.
    public static let slowFailure = Duration.seconds(1)
    /// Between two calls that are let through.
    public static let pause = Duration.seconds(1)

    private struct State {
        var slowFailures = 0
        /// Nil while the circuit is closed.
        var nextTry: ContinuousClock.Instant?
    }

    private let store: any StateStore
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    public init(_ store: any StateStore, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.store = store
        self.now = now
    }

    public func get(_ key: String) async throws(DaprError) -> StateEntry? {
        try await call { () async throws(DaprError) in try await store.get(key) }
    }

    public func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] {
        try await call { () async throws(DaprError) in try await store.get(keys) }
    }

    public func transact(_ operations: [StateOperation]) async throws(DaprError) {
        try await call { () async throws(DaprError) in try await store.transact(operations) }
    }

    private func call<Answer: Sendable>(
        _ body: () async throws(DaprError) -> Answer
    ) async throws(DaprError) -> Answer {
        let start = now()
        guard isLetThrough(at: start) else {
            throw .storeUnavailable("the last \(Self.failuresUntilOpen) calls waited in vain")
        }
        do throws(DaprError) {
            let answer = try await body()
            state.withLock { $0 = State() }
            return answer
        } catch {
            note(error, after: now() - start)
            throw error
        }
    }

    private func isLetThrough(at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            guard let nextTry = state.nextTry else { return true }
            guard now >= nextTry else { return false }
            // Whoever comes while this one waits does not wait with it.
            state.nextTry = now + Self.pause
            return true
        }
    }

    private func note(_ error: DaprError, after time: Duration) {
        let isOutage = error.isOutage
        let now = now()
        state.withLock { state in
            guard isOutage else {
                state = State()
                return
            }
            guard time >= Self.slowFailure else { return }
            state.slowFailures += 1
            if state.slowFailures >= Self.failuresUntilOpen { state.nextTry = now + Self.pause }
        }
    }
}

extension DaprError {
    /// Nobody answered, or nobody who could; anything else is an answer.
    fileprivate var isOutage: Bool {
        switch self {
        case .storeUnavailable, .sidecarUnavailable, .appUnavailable, .deadlineExceeded: true
        case .conflict, .storeMissing, .tooLarge, .unauthorized, .rejected, .unexpected: false
        }
    }
}
