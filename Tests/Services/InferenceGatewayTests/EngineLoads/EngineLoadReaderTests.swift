import HTTP
import InferenceGatewayCore
import Testing

@testable import InferenceGateway

@Suite struct EngineLoadReaderTests {
    private let routes = CurrentRoutes()

    init() { routes.replace(with: [GatewayFixture.entry("chat", instances: [1])]) }

    private var upstream: Upstream {
        get throws { try #require(routes.table["chat"]?.upstreams.first) }
    }

    private func reader(_ transport: FakeTransport) -> EngineLoadReader {
        EngineLoadReader(routes: routes, plain: transport, secure: transport)
    }

    @Test func aQueueAtTheEngineLimitsWhatItIsSent() async throws {
        let upstream = try upstream
        for _ in 0..<10 { #expect(upstream.begin()) }
        let transport = FakeTransport { _, _ in
            HTTPResponse(
                .ok, body: HTTPBody("llamacpp:requests_processing 4\nllamacpp:requests_deferred 6\n"))
        }
        await reader(transport).look()
        #expect(upstream.concurrency == 5)
        #expect(transport.requests.map(\.request.target) == ["/metrics"])
    }

    @Test func anEngineThatDoesNotTellIsNotAskedAgain() async throws {
        let upstream = try upstream
        for _ in 0..<10 { #expect(upstream.begin()) }
        let transport = FakeTransport { _, _ in HTTPResponse(.notFound) }
        let reader = reader(transport)
        for _ in 0..<3 { await reader.look() }
        #expect(transport.requests.count == 1)
        #expect(upstream.concurrency == nil)
    }

    @Test func anEngineThatDoesNotAnswerKeepsItsLimit() async throws {
        let upstream = try upstream
        upstream.restrict(to: 3)
        let transport = FakeTransport { _, _ throws(HTTPTransportError) in throw .timedOut("busy") }
        let reader = reader(transport)
        for _ in 0..<2 { await reader.look() }
        #expect(transport.requests.count == 2)
        #expect(upstream.concurrency == 3)
    }

    @Test func idleEnginesAndThoseWithALimitOfTheirOwnAreNotAsked() async throws {
        var traffic = RouteTable.Entry.Traffic()
        traffic.concurrency = 8
        routes.replace(with: [
            GatewayFixture.entry("idle", instances: [2]),
            GatewayFixture.entry("set", instances: [3], traffic: traffic),
        ])
        let busy = try #require(routes.table["set"]?.upstreams.first)
        for _ in 0..<5 { #expect(busy.begin()) }
        let transport = FakeTransport { _, _ in HTTPResponse(.ok) }
        await reader(transport).look()
        #expect(transport.requests.isEmpty)
        #expect(busy.concurrency == 8)
    }
}
