import Domain
import HTTP
import InferenceGatewayCore
import Synchronization
import Testing

@testable import InferenceGateway

@Suite struct RepetitionTests {
    /// Two instances that take one request each, of which the second is at it, and the first fails.
    private func gateway(queue: QueueLimits) throws -> (gateway: GatewayFixture, upstreams: [Upstream]) {
        let gateway = GatewayFixture { _, _ throws(HTTPTransportError) in throw .connectFailed("refused") }
        var traffic = RouteTable.Entry.Traffic()
        traffic.concurrency = 1
        traffic.queue = queue
        gateway.routes.replace(with: [GatewayFixture.entry("chat", instances: [1, 2], traffic: traffic)])
        let upstreams = try #require(gateway.routes.table["chat"]?.upstreams)
        #expect(upstreams[1].begin())
        return (gateway, upstreams)
    }

    @Test(arguments: [
        (QueueLimits(length: 0), 429), (QueueLimits(length: 1, wait: .milliseconds(1)), 503),
    ])
    func aRepetitionThatIsRefusedCountsAtTheInstanceThatFailed(queue: QueueLimits, status: Int) async throws {
        let (gateway, upstreams) = try gateway(queue: queue)
        #expect(await gateway.send(.get, "/services/chat/x").status.code == status)
        #expect(gateway.transport.requests.map(\.origin.host) == ["10.0.0.1"])
        #expect(upstreams[0].meter.snapshot.requests.map(\.status) == [status])
        #expect(upstreams[1].meter.snapshot.total == 0)
        #expect(gateway.usage.take().values.map(\.requests) == [1])
        #expect(upstreams.map(\.outstanding) == [0, 1])
    }

    @Test func aCallerThatLeavesBeforeTheRepetitionCountsToo() async throws {
        let (gateway, upstreams) = try gateway(queue: QueueLimits())
        let asking = Task { await gateway.send(.get, "/services/chat/x").status }
        while gateway.routes.table["chat"]?.queue.snapshot.waiting != 1 { await Task.yield() }
        asking.cancel()
        #expect(await asking.value == .clientClosedRequest)
        #expect(upstreams[0].meter.snapshot.clientsGone == 1)
        #expect(upstreams[0].meter.snapshot.requests.map(\.status) == [499])
    }

    @Test func whatFailsDuringARollOverIsRepeatedAtANewInstance() async throws {
        let routes = Mutex<CurrentRoutes?>(nil)
        let gateway = GatewayFixture { _, origin throws(HTTPTransportError) in
            if origin.host == "10.0.0.8" { return HTTPResponse(.ok) }
            routes.withLock { $0 }?.replace(with: [GatewayFixture.entry("open", instances: [8])])
            throw .connectFailed("refused")
        }
        routes.withLock { $0 = gateway.routes }
        #expect(await gateway.send(.post, "/services/open/x", body: HTTPBody("a")).status == .ok)
        #expect(gateway.transport.requests.map(\.origin.host) == ["10.0.0.1", "10.0.0.8"])
    }
}
