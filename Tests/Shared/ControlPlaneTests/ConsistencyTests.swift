import ControlPlane
import Domain
import HTTP
import JSON
import Lifecycle
import Observability
import Synchronization
import TestSupport
import Testing

struct ConsistencyTests {
    let state = BrokenState()

    @Test func tellsWhatItFindsAndMends() async throws {
        let server = try server()
        let found = try await server.send(.get, "/consistency")
        #expect(found.status == 200)
        #expect(
            found.json == [
                "findings": [
                    ["kind": "torn", "subject": "page:07", "message": "It is torn.", "repaired": false]
                ], "checked": ["pages": 64], "truncated": false,
            ])
        let mended = try await server.send(.post, "/consistency:repair")
        #expect(mended.json["findings"]?.arrayValue?.map { $0["repaired"] } == [true])
        #expect(try await server.send(.get, "/consistency").json["findings"] == [])
    }

    @Test func takesNoQuery() async throws {
        #expect(try await server().send(.get, "/consistency?repair=true").status == 400)
        #expect(try await server().send(.post, "/consistency:repair?x=1").status == 400)
        #expect(state.repairs == 0)
    }

    @Test func tellsOfABoundedNumberOfFindings() {
        var report = ConsistencyReport()
        for number in 0...ConsistencyReport.maximumFindings {
            report.add(ConsistencyFinding(kind: "torn", subject: "\(number)", message: ""))
        }
        #expect(report.findings.count == ConsistencyReport.maximumFindings)
        #expect(report.isTruncated)
    }

    @Test func sweepsOneShardAfterTheOther() async {
        let sweep = sweep(firstShard: 62)
        for _ in 0..<4 { await sweep.sweepNextShard() }
        #expect(state.seen == [62, 63, 0, 1])
    }

    @Test func sweepsOnlyTheShardsThatItMay() async {
        let sweep = sweep(firstShard: 60, shards: { Shard.all.filter { [3, 9].contains($0.number) } })
        for _ in 0..<3 { await sweep.sweepNextShard() }
        #expect(state.seen == [3, 9, 3])
        let idle = self.sweep(firstShard: 0, shards: { [] })
        await idle.sweepNextShard()
        #expect(state.seen.count == 3)
    }

    /// However many records there are, a page of them is read in each interval.
    @Test func restsAfterEachPage() async throws {
        let rests = RestingClock()
        state.pages.withLock { $0 = 5 }
        await sweep(firstShard: 3, clock: rests).sweepNextShard()
        #expect(state.seen == [3])
        #expect(rests.sleeps == [.seconds(30), .seconds(30), .seconds(30), .seconds(30)])
    }

    @Test func tellsHowLongItTakesToComeRound() async {
        let metrics = MetricsRegistry()
        let start = ContinuousClock.now
        let elapsed = Mutex(Duration.zero)
        let sweep = sweep(firstShard: 50, metrics: metrics, now: { start + elapsed.withLock { $0 } })
        func sweepAll(_ count: Int) async {
            for _ in 0..<count {
                elapsed.withLock { $0 += .seconds(10) }
                await sweep.sweepNextShard()
            }
        }
        // The shards before the first are not a whole pass.
        await sweepAll(14 + Shard.count)
        #expect(!metrics.text().contains("slipway_consistency_pass_seconds 6"))
        await sweepAll(1)
        #expect(metrics.text().contains("slipway_consistency_pass_seconds 640"))
    }

    @Test func countsAndTellsWhatItMends() async {
        let metrics = MetricsRegistry()
        let log = RecordingLogSink()
        let sweep = sweep(firstShard: 7, metrics: metrics, log: log)
        await sweep.sweepNextShard()
        #expect(state.repairs == 1)
        #expect(metrics.text().contains(#"slipway_index_orphans_total{kind="torn"} 1"#))
        #expect(log.lines.count == 1)
    }

    @Test func goesOnAfterAFailure() async {
        state.failure.withLock { $0 = .unavailable(code: "away", message: "away", retryAfter: .seconds(1)) }
        let sweep = sweep(firstShard: 6)
        await sweep.sweepNextShard()
        state.failure.withLock { $0 = nil }
        await sweep.sweepNextShard()
        #expect(state.repairs == 1)
    }

    @Test func runsUntilItIsShutDown() async throws {
        let sweep = ConsistencySweep(
            state, firstShard: 0, every: .milliseconds(1), metrics: MetricsRegistry(),
            logger: Logger(sink: RecordingLogSink(), level: .debug, now: { Timestamp(millisecondsSinceEpoch: 0) }))
        let task = sweep.task
        let running = Task { await task.run() }
        while state.seen.count < 3 { try await Task.sleep(for: .milliseconds(1)) }
        task.shutDown()
        await running.value
    }

    private func server() throws -> InProcessServer {
        let time = ManualTime()
        return try InProcessServer(
            ControlPlaneAPI(routes: ConsistencyRoutes(state).routes, document: sampleAPI.document),
            store: InMemoryStateStore(now: { time.now }))
    }

    private func sweep(
        firstShard: Int, shards: @escaping @Sendable () -> [Shard] = { Shard.all },
        metrics: MetricsRegistry = MetricsRegistry(), log: RecordingLogSink = RecordingLogSink(),
        clock: any Clock<Duration> = RestingClock(), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) -> ConsistencySweep {
        ConsistencySweep(
            state, shards: shards, firstShard: firstShard, clock: clock, now: now, metrics: metrics,
            logger: Logger(sink: log, level: .debug, now: { Timestamp(millisecondsSinceEpoch: 0) }))
    }
}

/// A state with one fault, in shard 7.
final class BrokenState: ConsistencyCheck {
    private let state = Mutex((seen: [Int](), repairs: 0, isBroken: true))
    let failure = Mutex<ServiceError?>(nil)
    /// Of each shard.
    let pages = Mutex(1)

    var seen: [Int] { state.withLock { $0.seen } }
    var repairs: Int { state.withLock { $0.repairs } }

    func check(
        _ shard: Shard, repairing: Bool, pause: () async -> Void
    ) async throws(ServiceError) -> ConsistencyReport {
        if let failure = failure.withLock({ $0 }) { throw failure }
        for _ in 1..<pages.withLock({ $0 }) { await pause() }
        let isFound = state.withLock { state in
            state.seen.append(shard.number)
            guard shard.number == 7, state.isBroken else { return false }
            if repairing {
                state.isBroken = false
                state.repairs += 1
            }
            return true
        }
        var report = ConsistencyReport()
        report.count(1, "pages")
        if isFound {
            let finding = ConsistencyFinding(kind: "torn", subject: "page:\(shard)", message: "It is torn.")
            report.add(repairing ? finding.repaired : finding)
        }
        return report
    }
}

/// Sleeps for no time, and remembers for how long it was to.
private final class RestingClock: Clock {
    let now = ContinuousClock.now
    let minimumResolution: Swift.Duration = .zero
    private let requested = Mutex<[Swift.Duration]>([])

    var sleeps: [Swift.Duration] { requested.withLock { $0 } }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Swift.Duration?) async throws {
        requested.withLock { $0.append(now.duration(to: deadline)) }
    }
}
