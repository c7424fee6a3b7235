import EventLoop
import HTTP
import HTTPClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct DeadlineTests {
    private static let short = Duration.milliseconds(50)

    @Test func saysThatNobodyListens() async throws {
        try await TestOrigin.run { server in
            let group = EventLoopGroup(count: 1)
            let port = TestListener(on: group.next()).port
            let error = await #expect(throws: HTTPTransportError.self) {
                try await server.client.send(
                    HTTPRequest(.get, "/"), to: HTTPOrigin(host: "127.0.0.1", port: port), deadlines: server.deadlines)
            }
            #expect(error == .connectFailed("127.0.0.1:\(port): Connection refused"))
            await group.shutdown()
        }
    }

    @Test func saysThatANameHasNoAddress() async throws {
        try await TestOrigin.run { server in
            let error = await #expect(throws: HTTPTransportError.self) {
                try await server.client.send(
                    HTTPRequest(.get, "/"), to: HTTPOrigin(host: "no-such-host.invalid", port: 80),
                    deadlines: server.deadlines)
            }
            guard case .connectFailed(let reason) = error else {
                Issue.record("failed with \(String(describing: error))")
                return
            }
            #expect(reason.hasPrefix("no-such-host.invalid: "))
        }
    }

    @Test func triesTheNextAddressOfAName() async throws {
        try await TestOrigin.run { server in
            // `localhost` is 127.0.0.1 first; only ::1 listens.
            let group = EventLoopGroup(count: 1)
            let echo = IPv6Listener()
            let request = Task {
                try await server.client.send(
                    HTTPRequest(.get, "/"), to: HTTPOrigin(host: "localhost", port: echo.port),
                    deadlines: server.deadlines)
            }
            let peer = await echo.accept(on: group.next())
            _ = await server.answer(peer)
            let response = try await request.value
            #expect(response.status == .ok)
            peer.hangUp()
            await group.shutdown()
        }
    }

    @Test func givesUpConnecting() async throws {
        try await TestOrigin.run { server in
            let group = EventLoopGroup(count: 1)
            // Nobody accepts here; once its queue is full, the kernel leaves who connects without an answer.
            let full = TestListener(on: group.next(), backlog: 0)
            let origin = HTTPOrigin(host: "127.0.0.1", port: full.port)
            let requests = (0..<4).map { _ in
                Task {
                    try await server.client.send(
                        HTTPRequest(.get, "/"), to: origin,
                        deadlines: HTTPDeadlines(connect: Self.short, firstByte: Self.short))
                }
            }
            var refused = 0
            for request in requests {
                if case .failure(HTTPTransportError.connectFailed(let reason)) = await request.result {
                    #expect(reason == "127.0.0.1:\(full.port): no connection in time")
                    refused += 1
                }
            }
            #expect(refused > 0)
            await group.shutdown()
        }
    }

    @Test func givesUpWaitingForAResponse() async throws {
        try await TestOrigin.run { server in
            var server = server
            server.deadlines.firstByte = Self.short
            let request = server.sending()
            let peer = await server.listener.accept()
            #expect(await request.value.error == .timedOut("no response in time"))
            _ = await peer.receive(until: "\r\n\r\n")
            #expect(await peer.receive() == nil, "closed")
        }
    }

    @Test func givesUpOnABodyThatStops() async throws {
        try await TestOrigin.run { server in
            var server = server
            server.deadlines.idle = Self.short
            let request = server.sending()
            let peer = await server.listener.accept()
            _ = await server.answer(peer, with: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
            let answer = try await request.value.get()
            guard case .tooSlow = answer.error else {
                Issue.record("ended with \(String(describing: answer.error))")
                return
            }
            #expect(await peer.receive() == nil, "closed")
        }
    }

    @Test func doesNotHurryItsOwnReader() async throws {
        try await TestOrigin.run { server in
            var server = server
            server.deadlines.idle = Self.short
            let sending = Task { [server] in try await server.send() }
            let peer = await server.listener.accept()
            _ = await server.answer(peer, with: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
            let response = try await sending.value
            try await Task.sleep(for: Self.short * 3)
            await peer.send("llo")
            let content = try await response.body.collect(limitBytes: 10)
            #expect(content == Array("hello".utf8))
        }
    }

    @Test func givesUpOnAServerThatTakesNothing() async throws {
        var limits = TestOrigin.limits
        limits.writeStall = .milliseconds(100)
        try await TestOrigin.run(limits: limits) { server in
            var server = server
            server.deadlines.firstByte = Self.short
            let request = server.sending(.post, body: .bytes([UInt8](repeating: 0, count: 50_000_000)))
            let peer = await server.listener.accept()
            #expect(await request.value.error == .timedOut("the server takes nothing of the request"))
            peer.hangUp()
        }
    }

    @Test func waitsForAServerThatThinksBeforeItReads() async throws {
        var limits = TestOrigin.limits
        limits.writeStall = Self.short
        try await TestOrigin.run(limits: limits) { server in
            let size = 20_000_000
            let request = server.sending(.post, body: .bytes([UInt8](repeating: 0, count: size)))
            let peer = await server.listener.accept()
            try await Task.sleep(for: Self.short * 5)
            let head = await peer.receive(until: "\r\n\r\n")
            var received = head.utf8.count
            while received < size, let more = await peer.receiveBytes() { received += more.count }
            await peer.send(TestOrigin.ok)
            #expect(await request.content == "ok")
        }
    }
}
