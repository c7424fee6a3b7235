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

    private func poller(_ transport: FakeTransport) -> RoutePoller {
        RoutePoller(
            source: RouteSource(
                transport: transport, origin: HTTPOrigin(host: "127.0.0.1", port: 8080), adminKey: "the-key"),
            file: RouteFile(dataDirectory: directory.path), routes: routes, freshness: freshness,
            polls: polls, numbers: SharedNumberGenerator(seed: 1), now: { GatewayFixture.now },
            logger: Logger(sink: sink, now: { GatewayFixture.now }))
    }

    /// Runs the poller until `condition`, which something that the poller did must bring about.
    private func run(_ poller: RoutePoller, until condition: @escaping @Sendable () -> Bool) async throws {
        async let running: Void = poller.run()
        while !condition() { try await Task.sleep(for: .milliseconds(2)) }
        await poller.shutDown()
        try await running
    }

    private static func table(_ documents: [RouteDocument], etag: String) throws -> HTTPResponse {
        let body = try JSONEncoder().encode(RouteTableDocument(routes: documents))
        return HTTPResponse(.ok, fields: ["ETag": etag], body: .bytes(Array(body)))
    }

    @Test func aTableIsPutInForceKeptOnDiskAndAskedForByItsETag() async throws {
        let first = try Self.table([.sample("chat")], etag: "\"1\"")
        let transport = FakeTransport { request, _ in
            request.fields["If-None-Match"] == "\"1\"" ? HTTPResponse(304) : first
        }
        try await run(poller(transport)) { transport.requests.count >= 3 }
        #expect(routes.table["chat"]?.upstreams.first?.address == UpstreamAddress(host: "10.0.0.1", port: 8000))
        #expect(freshness.state?.isFromModelServing == true)
        let requests = transport.requests.map(\.request)
        #expect(requests.allSatisfy { $0.target == "/routes" && $0.fields["Authorization"] == "Bearer the-key" })
        #expect(requests[0].fields["If-None-Match"] == nil)
        #expect(requests[2].fields["If-None-Match"] == "\"1\"")
        #expect(try RouteFile(dataDirectory: directory.path).load()?.etag == "\"1\"")
    }

    @Test func aGatewayThatStartsWhileModelServingIsDownServesWhatIsOnDisk() async throws {
        let file = RouteFile(dataDirectory: directory.path)
        try file.save(
            .init(
                schemaVersion: 1, fetchedAt: GatewayFixture.now + .seconds(-60), etag: "\"9\"",
                table: RouteTableDocument(routes: [.sample("chat")])))
        let transport = FakeTransport { _, _ throws(HTTPTransportError) in throw .connectFailed("refused") }
        try await run(poller(transport)) { transport.requests.count >= 2 }
        #expect(routes.table["chat"] != nil)
        #expect(freshness.state == .init(confirmedAt: GatewayFixture.now + .seconds(-60), isFromModelServing: false))
        #expect(transport.requests.first?.request.fields["If-None-Match"] == "\"9\"")
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
        let table = try Self.table([.sample("late")], etag: "\"1\"")
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
        let table = try Self.table([.sample("chat")], etag: "\"1\"")
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
        let table = try Self.table([.sample("chat")], etag: "\"1\"")
        let transport = FakeTransport { _, _ in table }
        let poller = RoutePoller(
            source: RouteSource(
                transport: transport, origin: HTTPOrigin(host: "127.0.0.1", port: 8080), adminKey: "the-key"),
            file: RouteFile(dataDirectory: "/proc/nowhere"), routes: routes, freshness: freshness,
            polls: polls, numbers: SharedNumberGenerator(seed: 1), now: { GatewayFixture.now },
            logger: Logger(sink: sink, now: { GatewayFixture.now }))
        try await run(poller) { [routes] in routes.table["chat"] != nil }
    }

    @Test func shuttingDownBeforeRunningEndsTheRun() async throws {
        let poller = poller(FakeTransport { _, _ in HTTPResponse(304) })
        await poller.shutDown()
        try await poller.run()
    }
}
