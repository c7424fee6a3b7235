import HTTP
import InferenceGatewayCore
import Synchronization
import Testing

@testable import InferenceGateway

@Suite struct EngineLoadReaderTests {
    private let routes = CurrentRoutes()

    init() { routes.replace(with: [GatewayFixture.entry("chat", instances: [1])]) }

    private var upstream: Upstream {
        get throws { try #require(routes.table["chat"]?.upstreams.first) }
    }

    private func reader(_ transport: FakeTransport) -> EngineLoadReader {
        EngineLoadReader(routes: routes, plain: transport, secure: transport, interval: .milliseconds(1))
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

    private static let load = "llamacpp:requests_processing 4\nllamacpp:requests_deferred 6\n"

    /// Makes instances of `chat` busy, all of them.
    private func makeBusy(_ instances: ClosedRange<UInt64>) throws {
        routes.replace(with: [GatewayFixture.entry("chat", instances: Array(instances))])
        for upstream in try #require(routes.table["chat"]?.upstreams) {
            for _ in 0..<10 { #expect(upstream.begin()) }
        }
    }

    /// Engines that answer when the test says so.
    private final class Gate: Sendable {
        private let gate = AsyncStream<Never>.makeStream()

        func open() { gate.continuation.finish() }

        func pass() async { for await _ in gate.stream {} }
    }

    @Test func anEngineThatTakesLongHoldsUpNoOther() async throws {
        try makeBusy(1...2)
        let gate = Gate()
        let transport = FakeTransport { _, origin in
            if origin.host == "10.0.0.1" { await gate.pass() }
            return HTTPResponse(.ok, body: HTTPBody(Self.load))
        }
        let reader = reader(transport)
        let first = Task { await reader.look() }
        while transport.requests.count < 2 { await Task.yield() }
        while transport.requests.count < 5 { await reader.look() }
        #expect(transport.requests.map(\.origin.host).sorted() == ["10.0.0.1"] + Array(repeating: "10.0.0.2", count: 4))
        #expect(routes.table["chat"]?.upstreams.map(\.concurrency) == [nil, 5])
        gate.open()
        await first.value
        #expect(routes.table["chat"]?.upstreams.map(\.concurrency) == [5, 5])
        await reader.look()
        #expect(transport.requests.count == 7)
    }

    @Test func enginesThatHaveWaitedLongestAreAskedFirstAndNoMoreThanSoManyAtOnce() async throws {
        let count = EngineLoadReader.width + 10
        try makeBusy(1...UInt64(count))
        let gates = [Gate(), Gate()]
        let asked = Mutex(0)
        let transport = FakeTransport { _, _ in
            let before = asked.withLock { asked in
                defer { asked += 1 }
                return asked
            }
            await gates[before / count].pass()
            return HTTPResponse(.ok, body: HTTPBody(Self.load))
        }
        let reader = reader(transport)
        let first = Task { await reader.look() }
        while transport.requests.count < EngineLoadReader.width { await Task.yield() }
        await reader.look()
        #expect(transport.requests.count == EngineLoadReader.width)
        gates[0].open()
        await first.value
        let hosts = transport.requests.map(\.origin.host)
        #expect(Set(hosts).count == count && hosts.count == count)
        let second = Task { await reader.look() }
        while transport.requests.count < count + EngineLoadReader.width { await Task.yield() }
        #expect(
            Set(transport.requests.dropFirst(count).map(\.origin.host)) == Set(hosts.prefix(EngineLoadReader.width)))
        gates[1].open()
        await second.value
    }

    @Test func looksAgainUntilItIsShutDown() async throws {
        try makeBusy(1...1)
        let transport = FakeTransport { _, _ in HTTPResponse(.ok, body: HTTPBody(Self.load)) }
        let reader = reader(transport)
        async let running: Void = reader.run()
        while transport.requests.count < 3 { await Task.yield() }
        reader.shutDown()
        await running
    }
}
