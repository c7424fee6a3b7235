import TestSupport
import Testing

@testable import InferenceGateway

/// Connections that go on as WebSockets, through a whole gateway; the frames are any bytes, nobody looks into them.
@Suite(.timeLimit(.minutes(1))) struct WebSocketTests {
    private static let accepted =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    private static func handshake(
        _ target: String = "/services/open/ws", method: String = "GET", upgrade: String = "websocket",
        connection: String = "Upgrade", more: String = ""
    ) -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: x\r\nUpgrade: \(upgrade)\r\nConnection: \(connection)\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(more)\r\n"
    }

    /// A gateway with a connection that both ends have agreed to go on with as a WebSocket.
    private func open() async throws -> (gateway: GatewayUnderTest, caller: TestPeer, engine: TestPeer) {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        await caller.send(Self.handshake())
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: "\r\n\r\n")
        await engine.send(Self.accepted)
        _ = await caller.receive(until: "\r\n\r\n")
        return (gateway, caller, engine)
    }

    @Test func theHandshakePassesInBothDirections() async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        await caller.send(Self.handshake("/services/open/ws?a=b", connection: "keep-alive, Upgrade"))
        let engine = await gateway.engine.accept()
        let asked = await engine.receive(until: "\r\n\r\n")
        #expect(asked.hasPrefix("GET /ws?a=b HTTP/1.1\r\n"))
        #expect(asked.contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"))
        #expect(asked.contains("\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
        await engine.send(Self.accepted + "first")
        let answer = await caller.receive(until: "first")
        #expect(answer.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(answer.contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"))
        #expect(answer.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        #expect(!answer.contains("Transfer-Encoding"))
        #expect(!answer.contains("Content-Length"))
        #expect(answer.hasSuffix("\r\n\r\nfirst"))
        engine.hangUp()
        await gateway.stop()
    }

    @Test func bytesPassAsTheyComeInBothDirections() async throws {
        let (gateway, caller, engine) = try await open()
        for round in 1...5 {
            await caller.send("ask \(round);")
            #expect(await engine.receive(until: ";") == "ask \(round);")
            await engine.send("answer \(round);")
            #expect(await caller.receive(until: ";") == "answer \(round);")
        }
        // Without being asked, and what looks like HTTP.
        let foreign = "GET /services/closed/x HTTP/1.1\r\nHost: x\r\n\r\n"
        await caller.send(foreign)
        #expect(await engine.receive(until: "\r\n\r\n") == foreign)
        await engine.send("HTTP/1.1 200 OK\r\n\r\n")
        #expect(await caller.receive(until: "\r\n\r\n") == "HTTP/1.1 200 OK\r\n\r\n")
        engine.hangUp()
        await gateway.stop()
    }

    @Test func whatTheCallerSentTooEarlyIsNotLost() async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        await caller.send(Self.handshake() + "early;")
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: "\r\n\r\n")
        #expect(gateway.engine.isQuiet)
        await engine.send(Self.accepted)
        #expect(await engine.receive(until: ";") == "early;")
        engine.hangUp()
        await gateway.stop()
    }

    @Test func anEndOfEitherSideReachesTheOther() async throws {
        for isCallersEnd in [true, false] {
            let (gateway, caller, engine) = try await open()
            if isCallersEnd {
                await caller.send("last;")
                caller.closeSendingSide()
                #expect(await engine.receiveAll() == "last;")
                // The engine still has the word.
                await engine.send("bye;")
                engine.hangUp()
                #expect(await caller.receiveAll() == "bye;")
            } else {
                await engine.send("last;")
                engine.hangUp()
                #expect(await caller.receiveAll() == "last;")
            }
            await gateway.stop()
        }
    }

    @Test func aCallerThatIsCutOffIsGoneForTheEngineToo() async throws {
        let (gateway, caller, engine) = try await open()
        caller.reset()
        #expect(await engine.receiveAll().isEmpty)
        await gateway.stop()
    }

    @Test func aSlowSideHoldsTheOtherBack() async throws {
        let size = 256 << 20
        for isUpward in [true, false] {
            let (gateway, caller, engine) = try await open()
            let sender = isUpward ? caller : engine
            let progress = Progress()
            let sending = Task {
                let piece = [UInt8](repeating: 0x61, count: 1 << 20)
                for _ in 0..<size >> 20 {
                    guard await sender.send(piece) else { return }
                    progress.add(piece.count)
                }
            }
            let held = try await progress.settled()
            #expect(held < 64 << 20, "\(held >> 20) MiB were taken and not read")
            engine.reset()
            caller.reset()
            await sending.value
            await gateway.stop()
        }
    }

    @Test func anEngineThatDoesNotWantItAnswersAsUsual() async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        // The next request on the same connection is one, and not a frame.
        await caller.send(Self.handshake() + "GET /services/open/next HTTP/1.1\r\nHost: x\r\n\r\n")
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: "\r\n\r\n")
        await engine.send("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno")
        #expect(await caller.receive(until: "no").hasPrefix("HTTP/1.1 426 "))
        #expect(await engine.receive(until: "\r\n\r\n").hasPrefix("GET /next HTTP/1.1\r\n"))
        await engine.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes")
        #expect(await caller.receive(until: "yes").hasPrefix("HTTP/1.1 200 OK\r\n"))
        await gateway.stop()
    }

    /// Whatever is not the plain handshake goes on as a request like any other, and its `Upgrade` does not.
    @Test(arguments: [
        handshake(upgrade: "h2c", connection: "Upgrade, HTTP2-Settings", more: "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
        handshake(upgrade: "websocket, h2c"), handshake("/services/open/ws", more: "Upgrade: h2c\r\n"),
        handshake(connection: "keep-alive"), handshake(method: "POST", more: "Content-Length: 0\r\n"),
        handshake("/services/open/ws", more: "Content-Length: 0\r\n"),
    ])
    func otherUpgradesAreNotPassedOn(request: String) async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        await caller.send(request)
        let engine = await gateway.engine.accept()
        let seen = await engine.receive(until: "\r\n\r\n")
        #expect(!seen.lowercased().contains("upgrade"))
        #expect(!seen.contains("HTTP2-Settings"))
        // And an engine that switches all the same is not believed.
        await engine.send(Self.accepted)
        #expect(await caller.receive(until: "\r\n").hasPrefix("HTTP/1.1 502 "))
        await gateway.stop()
    }

    @Test(arguments: [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 3\r\n\r\n",
    ])
    func anAgreementToSomethingElseIsABadGateway(answer: String) async throws {
        let gateway = try GatewayUnderTest()
        let caller = try await gateway.connect()
        await caller.send(Self.handshake())
        let engine = await gateway.engine.accept()
        _ = await engine.receive(until: "\r\n\r\n")
        await engine.send(answer)
        #expect(await caller.receive(until: "\r\n").hasPrefix("HTTP/1.1 502 "))
        await gateway.stop()
    }

    @Test func aPrivateServiceWantsItsTokenFirst() async throws {
        let gateway = try GatewayUnderTest()
        let refused = try await gateway.connect()
        await refused.send(Self.handshake("/services/closed/ws"))
        #expect(await refused.receive(until: "\r\n").hasPrefix("HTTP/1.1 401 "))
        #expect(gateway.engine.isQuiet)
        let caller = try await gateway.connect()
        await caller.send(
            Self.handshake("/services/closed/ws", more: "Authorization: Bearer \(GatewayUnderTest.token)\r\n"))
        let engine = await gateway.engine.accept()
        #expect(await !engine.receive(until: "\r\n\r\n").contains(GatewayUnderTest.token))
        await engine.send(Self.accepted)
        #expect(await caller.receive(until: "\r\n").hasPrefix("HTTP/1.1 101 "))
        engine.hangUp()
        await gateway.stop()
    }

    @Test func otherRoutesHaveNoWebSockets() async throws {
        let gateway = try GatewayUnderTest()
        for (target, status) in [("/v1/models", 200), ("/v1/realtime", 405), ("/v2/health/live", 200)] {
            let caller = try await gateway.connect()
            await caller.send(Self.handshake(target))
            #expect(await caller.receive(until: "\r\n").hasPrefix("HTTP/1.1 \(status) "))
        }
        let caller = try await gateway.connect()
        await caller.send(Self.handshake("/v2/models/open"))
        let engine = await gateway.engine.accept()
        #expect(await !engine.receive(until: "\r\n\r\n").lowercased().contains("upgrade"))
        engine.hangUp()
        await gateway.stop()
    }
}
