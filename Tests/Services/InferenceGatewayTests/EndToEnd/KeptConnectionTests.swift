import TestSupport
import Testing

/// Requests that go out over a connection to their engine that an earlier one has left, which nobody's task waits for.
@Suite(.timeLimit(.minutes(1))) struct KeptConnectionTests {
    private static let get = "GET /services/open/x HTTP/1.1\r\nHost: gateway\r\n\r\n"
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// Has one request answered, and leaves its connections.
    private func warm(_ gateway: GatewayUnderTest) async throws -> (caller: TestPeer, engine: TestPeer) {
        let caller = try await gateway.connect()
        await caller.send(Self.get)
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: "\r\n\r\n")
        await engine.send(Self.answer)
        #expect(await caller.receive(until: "ok").hasPrefix("HTTP/1.1 200"))
        return (caller, engine)
    }

    @Test func theyAreAnsweredWholeOrInPieces() async throws {
        let gateway = try GatewayUnderTest(loops: 1)
        let (caller, engine) = try await warm(gateway)
        for answer in [Self.answer, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nok"] {
            await caller.send(Self.get)
            _ = await engine.receive(until: "\r\n\r\n")
            await engine.send(answer)
            #expect(await caller.receive(until: "ok").hasPrefix(String(answer.prefix(12))))
        }
        await caller.send(Self.get)
        _ = await engine.receive(until: "\r\n\r\n")
        await engine.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
        #expect(await caller.receive(until: "ok").hasPrefix("HTTP/1.1 200"))
        await engine.send("0\r\n\r\n")
        #expect(await caller.receive(until: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
        #expect(gateway.engine.isQuiet)
        await gateway.stop()
    }

    @Test func aCallerThatLeavesIsNoticedByTheEngineAtOnceAndCounted() async throws {
        let gateway = try GatewayUnderTest(loops: 1)
        let (caller, engine) = try await warm(gateway)
        await caller.send(Self.get)
        _ = await engine.receive(until: "\r\n\r\n")
        caller.hangUp()
        #expect(await engine.receive() == nil)
        let admin = try await gateway.connect("admin")
        await admin.send(
            "GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(GatewayUnderTest.adminKey)\r\n"
                + "Connection: close\r\n\r\n")
        let metrics = await admin.receiveAll()
        let counts = metrics.split(separator: "\n").filter { $0.hasPrefix("slipway_gateway_requests_total{") }
        let gone = counts.filter { $0.contains(#"service="open""#) && $0.contains(#"code="499""#) }
        #expect(gone.count == 1)
        #expect(gone.allSatisfy { $0.hasSuffix(" 1") })
        await gateway.stop()
    }

    @Test func whatTheEngineHadClosedGoesOutOnAnother() async throws {
        let gateway = try GatewayUnderTest(loops: 1)
        let (caller, old) = try await warm(gateway)
        await caller.send(Self.get)
        _ = await old.receive(until: "\r\n\r\n")
        old.hangUp()
        let new = await gateway.engine.accept()
        _ = await new.receive(until: "\r\n\r\n")
        await new.send(Self.answer)
        #expect(await caller.receive(until: "ok").hasPrefix("HTTP/1.1 200"))
        await gateway.stop()
    }

    @Test func anEngineThatDiesBeforeItsAnswerIsABadGateway() async throws {
        let gateway = try GatewayUnderTest(loops: 1)
        let (caller, engine) = try await warm(gateway)
        await caller.send("POST /services/open/x HTTP/1.1\r\nHost: gateway\r\nContent-Length: 2\r\n\r\nhi")
        _ = await engine.receive(until: "hi")
        engine.hangUp()
        #expect(await caller.receive(until: "}").hasPrefix("HTTP/1.1 502"))
        #expect(gateway.engine.isQuiet)
        await gateway.stop()
    }
}
