import Lifecycle
import Observability
import Synchronization

/// Removes expired entries from the databases now and then. Readers do not see them in any case.
final class ExpiryTask: BackgroundTask {
    let name = "expiry"
    private let backends: [any StateBackend]
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let (end, endContinuation) = AsyncStream<Never>.makeStream()

    init(
        _ backends: [any StateBackend], interval: Duration, clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) {
        self.backends = backends
        self.interval = interval
        self.clock = clock
        self.logger = logger
    }

    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.removeNowAndThen() }
            for await _ in end {}
            group.cancelAll()
        }
    }

    func shutDown() async { endContinuation.finish() }

    private func removeNowAndThen() async {
        // Sleeping fails when the task is cancelled, which is how it ends.
        while (try? await clock.sleep(for: interval)) != nil {
            for backend in backends {
                do throws(StateFailure) {
                    try await backend.removeExpired()
                } catch {
                    logger.warning("expired entries could not be removed", ["error": error.message])
                }
            }
        }
    }
}
