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
    /// Polls between two that ask for everything, whatever is known: some five minutes.
    static let pollsPerListing = 1000

    let name = "route poller"
    private let source: RouteSource
    private let drains: @Sendable () -> DrainReporter
    private let files: RouteFiles
    private let routes: CurrentRoutes
    private let freshness: RouteFreshness
    private let polls: RoutePolls
    private let numbers: SharedNumberGenerator
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let loop = StoppableTask()
    /// Puts the table on disk in force at once, so that the data listener finds it.
    init(
        source: RouteSource, drains: @escaping @Sendable () -> DrainReporter, files: RouteFiles, routes: CurrentRoutes,
        freshness: RouteFreshness, polls: RoutePolls,
        numbers: SharedNumberGenerator, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.source = source
        self.drains = drains
        self.files = files
        self.routes = routes
        self.freshness = freshness
        self.polls = polls
        self.numbers = numbers
        self.now = now
        self.logger = logger
        let (contents, failures) = files.load()
        for failure in failures { logger.warning("routes on disk are not usable", ["error": "\(failure)"]) }
        guard let fetchedAt = contents.map(\.fetchedAt).max() else { return }
        _ = apply(contents.map(\.shard), isWhole: true)
        freshness.set(.init(confirmedAt: fetchedAt, isFromModelServing: false))
        logger.info("routes restored", ["count": "\(routes.table.count)", "fetched_at": "\(fetchedAt)"])
    }

    func run() async throws {
        await loop.run { await poll() }
    }

    func shutDown() async { loop.stop() }

    private func poll() async {
        var versions: [Int: Int64] = [:]
        var (failures, count) = (0, 0)
        var drains = drains()
        polls.start()
        defer { polls.stop() }
        while !Task.isCancelled {
            polls.begin()
            do throws(RouteSource.Failure) {
                // What is on disk may be of another time, so that the first listing is whole too.
                let isWhole = count % Self.pollsPerListing == 0
                if isWhole { versions = [:] }
                let shards = try await source.fetch(unlike: versions)
                if failures > 0 { logger.info("ModelServing answers again", ["failures": "\(failures)"]) }
                failures = 0
                count += 1
                drains.watch(accept(shards, isWhole: isWhole))
                for shard in shards { versions[shard.shard] = shard.version }
            } catch {
                failures += 1
                // The first and then one a minute or so: the state is what matters, not each attempt.
                if failures % 30 == 1, !Task.isCancelled {
                    logger.warning("routes not fetched; serving what is known", ["error": "\(error)"])
                }
            }
            polls.end()
            if failures == 0 { await drains.report(versions) }
            try? await Task.sleep(for: delay(afterFailures: failures))
        }
    }

    /// - Returns: the instances that get no more requests.
    private func accept(_ shards: [RouteShardsDocument.Shard], isWhole: Bool) -> [Upstream] {
        let time = now()
        freshness.set(.init(confirmedAt: time, isFromModelServing: true))
        guard isWhole || !shards.isEmpty else { return [] }
        let departed = apply(shards, isWhole: isWhole)
        logger.info("routes updated", ["count": "\(routes.table.count)", "shards": "\(shards.count)"])
        for shard in isWhole ? unlikeOnDisk(shards) : shards {
            do throws(RouteFiles.Failure) {
                try files.save(.init(shard, fetchedAt: time))
            } catch {
                logger.warning("routes not kept on disk", ["error": "\(error)"])
                return departed
            }
        }
        return departed
    }

    /// Those of all shards that are not on disk as they are, and the first in any case: it tells when that was.
    private func unlikeOnDisk(_ shards: [RouteShardsDocument.Shard]) -> [RouteShardsDocument.Shard] {
        var onDisk = Dictionary(files.load().contents.map { ($0.shard.shard, $0.shard) }) { _, last in last }
        var unlike: [RouteShardsDocument.Shard] = []
        for shard in shards {
            let stored = onDisk.removeValue(forKey: shard.shard)
            if stored != shard || unlike.isEmpty { unlike.append(shard) }
        }
        let gone = onDisk.values.filter { !$0.routes.isEmpty }
        return unlike + gone.map { RouteShardsDocument.Shard(shard: $0.shard, version: 0, routes: []) }
    }

    private func apply(_ shards: [RouteShardsDocument.Shard], isWhole: Bool) -> [Upstream] {
        var changes: [Int: [RouteTable.Entry]] = [:]
        for shard in shards {
            let (entries, problems) = RouteTable.Entry.entries(of: shard.routes)
            for problem in problems.prefix(10) { logger.warning("a route is not usable", ["problem": problem]) }
            changes[shard.shard] = entries
        }
        return routes.change(changes, isWhole: isWhole)
    }

    private func delay(afterFailures failures: Int) -> Duration {
        let backedOff = Self.interval * (1 << min(failures, 4))
        let jitter = 0.8 + 0.4 * Double(numbers.next() >> 11) / Double(1 << 53)
        return min(backedOff, Self.maximumBackOff) * jitter
    }
}
