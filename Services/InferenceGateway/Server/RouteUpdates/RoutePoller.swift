import Contracts
import Domain
import InferenceGatewayCore
import Lifecycle
import Observability

/// Keeps the routes in force up to date, and what is known of them on disk.
///
/// Asking is cheap (nothing has changed, most times), level-triggered, and needs nothing of the other side. While
/// ModelServing is away the gateway serves what it knows.
struct RoutePoller: BackgroundTask {
    /// From one answer to the next question: with it, a change is in force within half a second.
    static let interval: Duration = .milliseconds(300)
    /// Between questions to a ModelServing that does not answer.
    static let maximumBackOff: Duration = .seconds(2)

    let name = "route poller"
    private let source: RouteSource
    private let file: RouteFile
    private let routes: CurrentRoutes
    private let freshness: RouteFreshness
    private let polls: RoutePolls
    private let numbers: SharedNumberGenerator
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let loop = StoppableTask()
    /// Of the table that was on disk.
    private let restoredETag: String?

    /// Puts the table on disk in force at once, so that the data listener finds it.
    init(
        source: RouteSource, file: RouteFile, routes: CurrentRoutes, freshness: RouteFreshness, polls: RoutePolls,
        numbers: SharedNumberGenerator, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.source = source
        self.file = file
        self.routes = routes
        self.freshness = freshness
        self.polls = polls
        self.numbers = numbers
        self.now = now
        self.logger = logger
        do throws(RouteFile.Failure) {
            let content = try file.load()
            restoredETag = content?.etag
            if let content { restore(content) }
        } catch {
            restoredETag = nil
            logger.warning("the routes on disk are not usable", ["error": "\(error)"])
        }
    }

    private func restore(_ content: RouteFile.Content) {
        apply(content.table)
        freshness.set(.init(confirmedAt: content.fetchedAt, isFromModelServing: false))
        logger.info(
            "routes restored", ["count": "\(content.table.routes.count)", "fetched_at": "\(content.fetchedAt)"])
    }

    func run() async throws {
        await loop.run { await poll() }
    }

    func shutDown() async { loop.stop() }

    private func poll() async {
        var etag = restoredETag
        var failures = 0
        polls.start()
        defer { polls.stop() }
        while !Task.isCancelled {
            polls.begin()
            do throws(RouteSource.Failure) {
                let answer = try await source.fetch(knowing: etag)
                if failures > 0 { logger.info("ModelServing answers again", ["failures": "\(failures)"]) }
                failures = 0
                etag = accept(answer, knowing: etag)
            } catch {
                failures += 1
                // The first and then one a minute or so: the state is what matters, not each attempt.
                if failures % 30 == 1, !Task.isCancelled {
                    logger.warning("routes not fetched; serving what is known", ["error": "\(error)"])
                }
            }
            polls.end()
            try? await Task.sleep(for: delay(afterFailures: failures))
        }
    }

    /// Returns the ETag to ask with next.
    private func accept(_ answer: RouteSource.Answer, knowing etag: String?) -> String? {
        let time = now()
        freshness.set(.init(confirmedAt: time, isFromModelServing: true))
        guard case .table(let document, let newETag) = answer else { return etag }
        apply(document)
        logger.info("routes updated", ["count": "\(document.routes.count)"])
        do throws(RouteFile.Failure) {
            try file.save(
                .init(schemaVersion: RouteFile.Content.schemaVersion, fetchedAt: time, etag: newETag, table: document))
        } catch {
            logger.warning("routes not kept on disk", ["error": "\(error)"])
        }
        return newETag
    }

    private func apply(_ document: RouteTableDocument) {
        let (entries, problems) = RouteTable.Entry.entries(of: document)
        for problem in problems.prefix(10) { logger.warning("a route is not usable", ["problem": problem]) }
        routes.replace(with: entries)
    }

    private func delay(afterFailures failures: Int) -> Duration {
        let backedOff = Self.interval * (1 << min(failures, 4))
        let jitter = 0.8 + 0.4 * Double(numbers.next() >> 11) / Double(1 << 53)
        return min(backedOff, Self.maximumBackOff) * jitter
    }
}
