import Contracts
import Domain
import Foundation
import HTTP
import InferenceGatewayCore
import Observability
import Synchronization
import TestSupport
import Testing

@testable import InferenceGateway

@Suite(.timeLimit(.minutes(1))) struct RoutePollerTests {
    private let directory = TemporaryDirectory()
    private let routes = CurrentRoutes()
    private let freshness = RouteFreshness()
    private let polls = RoutePolls()
    private let sink = RecordingLogSink()

    private let reports = FakeTransport { _, _ in HTTPResponse(.noContent) }

    private func poller(_ transport: FakeTransport) -> RoutePoller {
        RoutePoller(
            source: RouteSource(
                transport: transport, origin: HTTPOrigin(host: "127.0.0.1", port: 8080), key: "the-key"),
            drains: { [reports] in Self.drains(reports) },
            files: RouteFiles(dataDirectory: directory.path), routes: routes, freshness: freshness,
            polls: polls, numbers: SharedNumberGenerator(seed: 1), now: { GatewayFixture.now },
            logger: Logger(sink: sink, now: { GatewayFixture.now }))
    }

    private static func drains(_ transport: FakeTransport) -> DrainReporter {
        DrainReporter(
            gatewayID: "gateway-1", transport: transport, origin: HTTPOrigin(host: "127.0.0.1", port: 8080),
            key: "the-key", logger: Logger(sink: RecordingLogSink(), now: { GatewayFixture.now }))
    }

    /// Runs the poller until `condition`, which something that the poller did must bring about.
    private func run(_ poller: RoutePoller, until condition: @escaping @Sendable () -> Bool) async throws {
        async let running: Void = poller.run()
        while !condition() { try await Task.sleep(for: .milliseconds(2)) }
        await poller.shutDown()
        try await running
    }

    private static func answer(_ shards: [RouteShardsDocument.Shard]) throws -> HTTPResponse {
        HTTPResponse(.ok, body: .bytes(Array(try JSONEncoder().encode(RouteShardsDocument(shards: shards)))))
    }

    private static func table(_ documents: [RouteDocument]) throws -> HTTPResponse {
        try answer([.init(shard: 5, version: 1, routes: documents)])
    }

    @Test func shardsArePutInForceKeptOnDiskAndAskedForByTheirVersions() async throws {
        let first = try Self.answer([
            .init(shard: 5, version: 1, routes: [.sample("chat")]),
            .init(shard: 9, version: 4, routes: [.sample("other", instance: 4)]),
        ])
        let second = try Self.answer([.init(shard: 9, version: 5, routes: [])])
        let none = try Self.answer([])
        let transport = FakeTransport { request, _ in
            switch request.target {
            case "/routes?versions=": first
            case "/routes?versions=5:1,9:4": second
            case "/routes?versions=5:1,9:5": none
            default: HTTPResponse(500)
            }
        }
        try await run(poller(transport)) { transport.requests.count >= 4 }
        #expect(routes.table["chat"]?.upstreams.first?.address == UpstreamAddress(host: "10.0.0.1", port: 8000))
        #expect(routes.table["other"] == nil)
        #expect(freshness.state?.isFromModelServing == true)
        #expect(transport.requests.allSatisfy { $0.request.fields["Authorization"] == "Bearer the-key" })
        let onDisk = RouteFiles(dataDirectory: directory.path).load().contents.map(\.shard)
        #expect(onDisk.map(\.shard) == [5, 9] && onDisk.map(\.version) == [1, 5])
    }

    @Test func aGatewayThatStartsWhileModelServingIsDownServesWhatIsOnDisk() async throws {
        try RouteFiles(dataDirectory: directory.path).save(
            .init(
                .init(shard: 5, version: 1, routes: [.sample("chat")]), fetchedAt: GatewayFixture.now + .seconds(-60)))
        let transport = FakeTransport { _, _ throws(HTTPTransportError) in throw .connectFailed("refused") }
        try await run(poller(transport)) { transport.requests.count >= 2 }
        #expect(routes.table["chat"] != nil)
        #expect(freshness.state == .init(confirmedAt: GatewayFixture.now + .seconds(-60), isFromModelServing: false))
    }

    /// What is on disk may be of a store that is no more.
    @Test func theFirstListingReplacesAllThatIsOnDisk() async throws {
        try RouteFiles(dataDirectory: directory.path).save(
            .init(.init(shard: 7, version: 1, routes: [.sample("former")]), fetchedAt: GatewayFixture.now))
        let table = try Self.table([.sample("chat")])
        let transport = FakeTransport { _, _ in table }
        try await run(poller(transport)) { transport.requests.count >= 2 }
        #expect(routes.table["chat"] != nil && routes.table["former"] == nil)
        let onDisk = RouteFiles(dataDirectory: directory.path).load().contents
        #expect(onDisk.flatMap(\.shard.routes).map(\.name) == ["chat"])
    }

    @Test(arguments: [
        HTTPResponse(500), HTTPResponse(.unauthorized), HTTPResponse(.ok, body: HTTPBody("not json")),
        HTTPResponse(.ok, body: .stream(PieceStream(["{"], failure: .incomplete("gone")), length: 10)),
    ])
    func aBadAnswerChangesNothing(answer: HTTPResponse) async throws {
        routes.replace(with: [GatewayFixture.entry("kept")])
        let transport = FakeTransport { _, _ in answer }
        try await run(poller(transport)) { transport.requests.count >= 2 }
        #expect(routes.table["kept"] != nil)
        #expect(freshness.state == nil)
        #expect(sink.lines.contains { $0.level == .warning })
        #expect(!sink.lines.contains { $0.json.contains("the-key") })
    }

    @Test func theRoutesComeBackWhenModelServingDoes() async throws {
        let answers = Mutex(0)
        let table = try Self.table([.sample("late")])
        let transport = FakeTransport { _, _ throws(HTTPTransportError) in
            let count = answers.withLock { count in
                count += 1
                return count
            }
            if count < 3 { throw .connectFailed("refused") }
            return table
        }
        try await run(poller(transport)) { [routes] in routes.table["late"] != nil }
        #expect(freshness.state?.isFromModelServing == true)
    }

    @Test func aChangeIsAskedForWithinHalfASecondAndAReturnWithinThree() {
        // With the jitter of a fifth.
        #expect(RoutePoller.interval * 1.2 < .milliseconds(500))
        #expect(RoutePoller.maximumBackOff * 1.2 < .seconds(3))
    }

    @Test func whoWaitsGoesOnWithTheNextTableOrWithTheEnd() async throws {
        let table = try Self.table([.sample("chat")])
        let transport = FakeTransport { _, _ in table }
        let poller = poller(transport)
        async let running: Void = poller.run()
        while freshness.state == nil { try await Task.sleep(for: .milliseconds(2)) }
        let asked = transport.requests.count
        await polls.next()
        #expect(transport.requests.count > asked)
        await poller.shutDown()
        try await running
        await polls.next()
    }

    @Test func aBrokenDiskDoesNotStopTheRoutes() async throws {
        let table = try Self.table([.sample("chat")])
        let transport = FakeTransport { _, _ in table }
        let poller = RoutePoller(
            source: RouteSource(
                transport: transport, origin: HTTPOrigin(host: "127.0.0.1", port: 8080), key: "the-key"),
            drains: { [reports] in Self.drains(reports) },
            files: RouteFiles(dataDirectory: "/proc/nowhere"), routes: routes, freshness: freshness,
            polls: polls, numbers: SharedNumberGenerator(seed: 1), now: { GatewayFixture.now },
            logger: Logger(sink: sink, now: { GatewayFixture.now }))
        try await run(poller) { [routes] in routes.table["chat"] != nil }
    }

    @Test func shuttingDownBeforeRunningEndsTheRun() async throws {
        let poller = poller(FakeTransport { _, _ in HTTPResponse(500) })
        await poller.shutDown()
        try await poller.run()
    }

    private static func report(_ request: HTTPRequest?) async throws -> GatewayReport? {
        guard let bytes = try await request?.body.collect(limitBytes: 1 << 16) else { return nil }
        return try JSONDecoder().decode(GatewayReport.self, from: Data(bytes))
    }

    @Test func tellsByWhichRoutesItGoesAndWhereRequestsAreLeft() async throws {
        routes.replace(with: [GatewayFixture.entry("chat", instances: [1, 2])])
        let upstreams = try #require(routes.table["chat"]?.upstreams)
        #expect(upstreams[0].begin())
        var drains = Self.drains(reports)
        drains.watch(upstreams)
        await drains.report([5: 1])
        await drains.report([5: 1])
        #expect(reports.requests.count == 1, "nothing is new")
        let first = try #require(try await Self.report(reports.requests.last?.request))
        #expect(first.gatewayID == "gateway-1" && first.versions == "5:1")
        #expect(first.busyInstances == [upstreams[0].meter.instanceID])
        upstreams[0].end()
        await drains.report([5: 1])
        #expect(try await Self.report(reports.requests.last?.request)?.busyInstances == [])
        await drains.report([5: 2])
        #expect(reports.requests.count == 3)
    }

    @Test func aPollTellsWhatTheGatewayGoesBy() async throws {
        let table = try Self.table([.sample("chat")])
        try await run(poller(FakeTransport { _, _ in table })) { [reports] in !reports.requests.isEmpty }
        let sent = try #require(reports.requests.first?.request)
        #expect(sent.target == "/gateway_reports" && sent.fields["Authorization"] == "Bearer the-key")
        #expect(try await Self.report(sent)?.versions == "5:1")
    }
}
