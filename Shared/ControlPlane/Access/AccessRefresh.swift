import Access
import Domain
import Lifecycle
import Observability
import Synchronization

/// Keeps up with the rules that others change.
public final class AccessRefresh: BackgroundTask {
    /// Between two looks at the version of the rules.
    public static let interval = Duration.seconds(1)

    public let name = "access rules"
    private let authority: AccessAuthority
    private let version: Gauge
    private let failures: Counter
    private let logger: Logger
    /// Whether the last look failed, so that an outage is told once.
    private let isFailing = Mutex(false)
    private let clock: any Clock<Duration>
    private let lifetime: AsyncStream<Never>
    private let end: AsyncStream<Never>.Continuation

    public init(
        _ authority: AccessAuthority, clock: any Clock<Duration>, metrics: MetricsRegistry, logger: Logger
    ) {
        self.authority = authority
        self.clock = clock
        self.logger = logger
        version = metrics.gauge("slipway_access_rules_version", "Version of the access rules in use.")
        failures = metrics.counter(
            "slipway_access_refresh_failures_total", "Looks at the access rules that failed; the last ones stay in use."
        )
        (lifetime, end) = AsyncStream.makeStream()
    }

    /// The first look is at once.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                repeat { await self.refresh() } while (try? await self.clock.sleep(for: Self.interval)) != nil
            }
            group.addTask { for await _ in self.lifetime {} }
            await group.next()
            group.cancelAll()
        }
    }

    public func shutDown() { end.finish() }

    public func refresh() async {
        do throws(ServiceError) {
            let isNew = try await authority.refresh()
            let book = try authority.book()
            version.set(Double(book.version))
            if isNew {
                logger.info("access rules read", ["version": "\(book.version)", "rules": "\(book.rules.count)"])
            }
            isFailing.withLock { $0 = false }
        } catch {
            failures.increment()
            let isKnown = isFailing.withLock { failing in
                defer { failing = true }
                return failing
            }
            if !isKnown { logger.warning("access rules cannot be read", ["error": "\(error)"]) }
        }
    }

    /// Ready once the rules have been read.
    public static func check(_ authority: AccessAuthority) -> ReadinessCheck {
        ReadinessCheck("access_rules") {
            do throws(ServiceError) {
                _ = try authority.book()
                return nil
            } catch {
                return "The access rules could not be read yet."
            }
        }
    }
}
