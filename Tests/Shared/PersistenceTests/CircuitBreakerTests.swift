import Dapr
import Persistence
import Synchronization
import Testing

struct CircuitBreakerTests {
    /// A store that takes as long, and ends, as it is told.
    private final class SlowStore: StateStore {
        struct Script {
            var now = ContinuousClock.now
            var takes = Duration.zero
            var failure: DaprError?
            var calls = 0
        }

        let script = Mutex(Script())

        func get(_ key: String) async throws(DaprError) -> StateEntry? {
            let failure = script.withLock { script in
                script.calls += 1
                script.now += script.takes
                return script.failure
            }
            if let failure { throw failure }
            return nil
        }

        func get(_ keys: [String]) async throws(DaprError) -> [String: StateEntry] { [:] }

        func transact(_ operations: [StateOperation]) async throws(DaprError) {}
    }

    private let store = SlowStore()
    private let breaker: CircuitBreaker

    init() {
        breaker = CircuitBreaker(store) { [store] in store.script.withLock { $0.now } }
    }

    private var calls: Int { store.script.withLock { $0.calls } }

    private func set(_ failure: DaprError?, after time: Duration = .zero) {
        store.script.withLock { script in
            script.failure = failure
            script.takes = time
        }
    }

    private func pass(_ time: Duration) { store.script.withLock { $0.now += time } }

    private func attempt(_ count: Int = 1) async {
        for _ in 0..<count { _ = try? await breaker.get("a") }
    }

    @Test func waitsForNobodyAfterWaitingInVain() async throws {
        set(.deadlineExceeded("x"), after: .seconds(5))
        await attempt(CircuitBreaker.failuresUntilOpen)
        #expect(calls == CircuitBreaker.failuresUntilOpen)
        await #expect(throws: DaprError.self) { try await breaker.get("a") }
        #expect(calls == CircuitBreaker.failuresUntilOpen, "nobody was asked")
    }

    @Test func letsOneThroughAtATimeUntilItIsAnswered() async throws {
        set(.storeUnavailable("x"), after: .seconds(2))
        await attempt(CircuitBreaker.failuresUntilOpen)
        pass(CircuitBreaker.pause)
        await attempt(5)
        #expect(calls == CircuitBreaker.failuresUntilOpen + 1)
        pass(CircuitBreaker.pause)
        set(nil)
        await attempt(5)
        #expect(calls == CircuitBreaker.failuresUntilOpen + 6)
    }

    @Test func doesNotMindFailuresThatComeQuickly() async {
        set(.sidecarUnavailable("refused"), after: .milliseconds(1))
        await attempt(20)
        #expect(calls == 20)
    }

    @Test func countsOnlyFailuresInARow() async {
        for _ in 0..<5 {
            set(.deadlineExceeded("x"), after: .seconds(5))
            await attempt(CircuitBreaker.failuresUntilOpen - 1)
            set(.conflict)
            await attempt()
        }
        #expect(calls == 5 * CircuitBreaker.failuresUntilOpen)
    }
}
