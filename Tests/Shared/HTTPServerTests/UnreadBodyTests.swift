import HTTP
import HTTPServer
import TestSupport
import Testing

/// What a client sends that nobody reads, before and after its answer.
@Suite(.timeLimit(.minutes(1))) struct UnreadBodyTests {
    private static let post = "POST / HTTP/1.1\r\nHost: x\r\n"

    @Test func keepsTheConnectionWhenASmallBodyWasNotRead() async throws {
        var limits = HTTPServerLimits()
        limits.lingerTimeout = .seconds(60)
        try await TestServer.run(limits: limits) { _ in
            HTTPResponse(.ok, body: HTTPBody("answer"))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.post + "Content-Length: 10\r\n\r\nabc")
            _ = await peer.receive(until: "answer")
            await peer.send("defghij" + "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await peer.receive(until: "answer").hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test(arguments: ["zz\r\n", "b\r\n01234567890\r\n"])
    func answersOnceWhenTheRestOfABodyIsBroken(_ rest: String) async throws {
        var limits = HTTPServerLimits()
        limits.body.contentBytes = 10
        limits.lingerTimeout = .seconds(60)
        try await TestServer.run(limits: limits) { _ in
            HTTPResponse(.ok, body: HTTPBody("answer"))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.post + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
            #expect(await peer.receive(until: "answer").hasSuffix("answer"))
            await peer.send(rest)
            #expect(await peer.receiveAll().isEmpty)
        }
    }

    @Test func letsTheClientSeeTheAnswerToABodyThatWasNotRead() async throws {
        try await TestServer.run { _ in
            HTTPResponse(.forbidden, body: HTTPBody("answer"))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.post + "Content-Length: 100000000\r\n\r\n")
            async let sending = sendUntilClosed(peer)
            #expect(await peer.receive(until: "answer").hasPrefix("HTTP/1.1 403"))
            #expect(await sending < 50_000_000, "the server does not take it all")
        }
    }

    private func sendUntilClosed(_ peer: TestPeer) async -> Int {
        let piece = [UInt8](repeating: 1, count: 100_000)
        var sent = 0
        while sent < 100_000_000, await peer.send(piece) { sent += piece.count }
        return sent
    }

    @Test func letsAClientThatSendsFirstAndReadsThenSeeTheAnswer() async throws {
        var limits = HTTPServerLimits()
        limits.lingerTimeout = .seconds(60)
        try await TestServer.run(limits: limits) { _ in
            HTTPResponse(.unauthorized, body: HTTPBody("answer"))
        } _: { server in
            let peer = server.connect()
            let content = [UInt8](repeating: 1, count: 10_000_000)
            await peer.send(Self.post + "Content-Length: \(content.count)\r\n\r\n")
            #expect(await peer.send(content))
            #expect(await peer.receive(until: "answer").hasPrefix("HTTP/1.1 401"))
            #expect(await !peer.isReset())
        }
    }

    @Test func letsAClientThatSendsMoreSeeItsLastAnswer() async throws {
        var limits = HTTPServerLimits()
        limits.lingerTimeout = .seconds(60)
        let mayAnswer = Gate()
        try await TestServer.run(limits: limits) { _ in
            await mayAnswer.wait()
            return HTTPResponse(.ok, body: HTTPBody("answer"))
        } _: { server in
            let peer = server.connect()
            let (size, piece) = (10_000_000, 100_000)
            let sent = Progress()
            await peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let sending = Task {
                while sent.total < size, await peer.send([UInt8](repeating: 1, count: piece)) { sent.add(piece) }
            }
            // It is read only so far ahead.
            let held = try await sent.settled()
            #expect(held < size)
            await mayAnswer.open()
            await sending.value
            #expect(sent.total == size)
            #expect(await peer.receive(until: "answer").hasPrefix("HTTP/1.1 200"))
            #expect(await !peer.isReset())
        }
    }
}
