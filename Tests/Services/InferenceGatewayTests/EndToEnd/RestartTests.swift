import Contracts
import EventLoop
import Foundation
import HTTP
import HTTPServer
import Observability
import Synchronization
import TestSupport
import Testing

@testable import InferenceGateway

/// The gateway with and without its control plane, from start to end.
@Suite(.timeLimit(.minutes(1))) struct RestartTests {
    /// Stands for ModelServing's route API.
    private final class RouteServer: HTTPResponder {
        private let shard = Mutex(RouteShardsDocument.Shard(shard: 0, version: 1, routes: []))

        func publish(_ routes: [RouteDocument]) {
            shard.withLock { $0 = .init(shard: 0, version: $0.version + 1, routes: routes) }
        }

        func respond(to request: HTTPRequest) async -> HTTPResponse {
            guard request.fields["Authorization"] == "Bearer \(GatewayUnderTest.adminKey)" else {
                return HTTPResponse(401)
            }
            let shard = shard.withLock { $0 }
            let isKnown = request.target.hasSuffix("versions=0:\(shard.version)")
            guard let body = try? JSONEncoder().encode(RouteShardsDocument(shards: isKnown ? [] : [shard])) else {
                return HTTPResponse(500)
            }
            return HTTPResponse(.ok, body: .bytes(Array(body)))
        }
    }

    private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" }

    /// Asks until the answer has this status.
    private func wait(for status: String, _ path: String, _ gateway: GatewayUnderTest) async throws {
        while try await !gateway.exchange(get(path)).hasPrefix("HTTP/1.1 \(status) ") {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func routesComeIntoForceAndSurviveBothSidesGoingAway() async throws {
        let group = EventLoopGroup(count: 1)
        let source = RouteServer()
        let modelServing = HTTPServer(responder: source, group: group)
        let port = try await modelServing.start(host: "127.0.0.1", port: 0).port
        let first = try GatewayUnderTest(modelServingPort: port, routes: false)
        #expect(try await first.exchange(get("/services/late/x")).hasPrefix("HTTP/1.1 404 "))

        source.publish([.sample("late", url: "http://127.0.0.1:1")])
        try await wait(for: "503", "/services/late/x", first)

        await modelServing.drain(deadline: .seconds(1))
        #expect(await first.terminate() == 0)
        let second = try GatewayUnderTest(modelServingPort: port, directory: first.directory, routes: false)
        #expect(try await second.exchange(get("/services/late/x")).hasPrefix("HTTP/1.1 503 "))
        let ready = try await second.connect("admin")
        await ready.send(get("/readyz"))
        let answer = await ready.receiveAll()
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.contains(#""source":"disk""#))

        let again = HTTPServer(responder: source, group: group)
        try await again.start(host: "127.0.0.1", port: port)
        source.publish([])
        try await wait(for: "404", "/services/late/x", second)
        await again.drain(deadline: .seconds(1))
        await second.stop()
        await first.group.shutdown()
        await group.shutdown()
    }

    @Test func aGatewayThatNeverHadRoutesIsNotReady() async throws {
        let gateway = try GatewayUnderTest(routes: false)
        let admin = try await gateway.connect("admin")
        await admin.send(get("/readyz"))
        #expect(await admin.receiveAll().hasPrefix("HTTP/1.1 503 "))
        await gateway.stop()
    }

    @Test func aServiceWhoseEngineIsAwaySaysWhenToComeBack() async throws {
        let gateway = try GatewayUnderTest()
        let answer = try await gateway.exchange(get("/services/away/x"))
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains("Retry-After: 1\r\n"))
        #expect(answer.contains("upstream_unreachable"))
        await gateway.stop()
    }

    @Test func drainingFinishesWhatIsInFlight() async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        await caller.send("GET /services/open/x HTTP/1.1\r\nHost: x\r\n\r\n")
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: "\r\n\r\n")
        await engine.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        _ = await caller.receive(until: "one")
        let status = Task { await gateway.terminate() }
        while !gateway.sink.lines.contains(where: { $0.message == "shutting down" }) {
            try await Task.sleep(for: .milliseconds(1))
        }
        await engine.send("3\r\ntwo\r\n0\r\n\r\n")
        #expect(await caller.receiveAll().hasSuffix("3\r\ntwo\r\n0\r\n\r\n"))
        #expect(await status.value == 0)
        await gateway.group.shutdown()
    }
}
