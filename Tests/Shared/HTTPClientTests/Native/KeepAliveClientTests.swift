import EventLoop
import HTTP
import HTTPClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct KeepAliveClientTests {
    @Test func sendsRequestsAsTheyAreMeant() async throws {
        try await TestOrigin.run { server in
            let fields: HTTPFields = [
                "A": "b", "Host": "elsewhere", "Content-Length": "99", "Transfer-Encoding": "gzip", "Connection": "x",
            ]
            let cases: [(HTTPRequest, String)] = [
                (HTTPRequest(.get, "/x?y", fields: fields), "GET /x?y HTTP/1.1\r\nHost: #\r\nA: b\r\n\r\n"),
                (HTTPRequest(.post, "/"), "POST / HTTP/1.1\r\nHost: #\r\nContent-Length: 0\r\n\r\n"),
                (
                    HTTPRequest(.put, "/", body: HTTPBody("hello")),
                    "PUT / HTTP/1.1\r\nHost: #\r\nContent-Length: 5\r\n\r\nhello"
                ),
                (HTTPRequest(.options, "*"), "OPTIONS * HTTP/1.1\r\nHost: #\r\n\r\n"),
            ]
            let requests = Task {
                for (request, _) in cases {
                    _ = try await server.client.send(request, to: server.origin, deadlines: server.deadlines)
                }
            }
            let peer = await server.listener.accept()
            for (_, wire) in cases {
                let expected = wire.replacing("#", with: server.origin.authority)
                #expect(String(decoding: await peer.receive(count: expected.utf8.count), as: UTF8.self) == expected)
                await peer.send(TestOrigin.ok)
            }
            try await requests.value
        }
    }

    @Test(arguments: [
        (["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"], "hello", true),
        (["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", "llo"], "hello", true),
        (["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"], "hello", true),
        (
            ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", "3\r\nllo\r\n0\r\nT: x\r\n\r\n"],
            "hello", true
        ),
        (["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"], "", true), (["HTTP/1.1 204 No Content\r\n\r\n"], "", true),
        (["HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"], "", true),
        (["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n", TestOrigin.ok], "ok", true),
        (["HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n", "\r\n", "hello"], "hello", true),
        (["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"], "ok", false),
        (["HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"], "ok", false),
    ])
    func readsBodiesAndReusesConnections(_ parts: [String], _ content: String, _ isReused: Bool) async throws {
        try await TestOrigin.run { server in
            let first = server.sending()
            let peer = await server.listener.accept()
            _ = await peer.receive(until: "\r\n\r\n")
            for part in parts {
                await peer.send(part)
                try await Task.sleep(for: .milliseconds(5))
            }
            let answer = try await first.value.get()
            #expect(answer.content == content)
            #expect(answer.error == nil)

            let second = server.sending()
            let next = isReused ? peer : await server.listener.accept()
            #expect(await server.answer(next).hasPrefix("GET /"))
            #expect(await second.content == "ok")
            #expect(server.listener.isQuiet)
        }
    }

    @Test func takesTheEndOfTheConnectionForTheEndOfABodyOnlyWhereItIs() async throws {
        try await TestOrigin.run { server in
            for (wire, content, isBroken) in [
                ("HTTP/1.1 200 OK\r\n\r\nhello", "hello", false), ("HTTP/1.0 200 OK\r\n\r\n", "", false),
                ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", "", true),
                ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "", true),
                ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", "", true),
            ] {
                let request = server.sending()
                let peer = await server.listener.accept()
                _ = await server.answer(peer, with: wire)
                peer.hangUp()
                let answer = try await request.value.get()
                #expect(answer.content == content)
                guard isBroken else { continue }
                guard case .incomplete = answer.error else {
                    Issue.record("\(wire): ended with \(String(describing: answer.error))")
                    continue
                }
            }
        }
    }

    @Test func keepsTheLengthThatHeadAskedFor() async throws {
        try await TestOrigin.run { server in
            let request = server.sending(.head)
            let peer = await server.listener.accept()
            _ = await server.answer(peer, with: "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
            var answer = try await request.value.get()
            #expect(answer.wasWhole && answer.content.isEmpty)
            var fields = answer.fields
            fields.removeHopByHop()
            #expect(fields["Content-Length"] == "5000")

            let next = server.sending()
            _ = await server.answer(peer)
            answer = try await next.value.get()
            #expect(answer.content == "ok")
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", "HTTP/2 200\r\n\r\n            ", "SSH-2.0-OpenSSH\r\n\r\n    ",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 65),
    ])
    func refusesWhatIsNotHTTP(_ wire: String) async throws {
        try await TestOrigin.run { server in
            let request = server.sending()
            let peer = await server.listener.accept()
            _ = await server.answer(peer, with: wire)
            guard case .failed(let reason) = await request.value.error else {
                Issue.record("accepted")
                return
            }
            #expect(reason.hasPrefix("the server's response is refused: "))
            #expect(await peer.receive() == nil, "closed")
        }
    }

    @Test(arguments: [true, false])
    func takesNoResetForTheEndOfABody(_ isReset: Bool) async throws {
        try await TestOrigin.run { server in
            let sending = Task { try await server.send() }
            let peer = await server.listener.accept()
            _ = await server.answer(peer, with: "HTTP/1.1 200 OK\r\n\r\nhalf")
            guard case .stream(let stream, _) = try await sending.value.body else {
                Issue.record("whole, while the connection is open")
                return
            }
            let piece = try await stream.next()
            #expect(piece == Array("half".utf8))
            if isReset {
                peer.reset()
                await #expect(throws: HTTPBodyError.self) { try await stream.next() }
            } else {
                peer.closeSendingSide()
                let more = try await stream.next()
                #expect(more == nil)
            }
        }
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nevil", "x"])
    func neverTakesStrayBytesForTheNextResponse(_ stray: String) async throws {
        try await TestOrigin.run { server in
            let first = server.sending()
            let peer = await server.listener.accept()
            _ = await server.answer(peer, with: TestOrigin.ok + stray)
            #expect(await first.content == "ok")
            let second = server.sending()
            let next = await server.listener.accept()
            _ = await server.answer(next)
            #expect(await second.content == "ok")

            await next.send(stray)
            #expect(await next.receive() == nil, "closed as soon as something comes unasked")
        }
    }

    /// They are still in the kernel when the response is whole, because that fills the buffer.
    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", ""])
    func neverTakesUnreadBytesForTheNextResponse(_ stray: String) async throws {
        let firstRead = 4096
        let size = firstRead - "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n".utf8.count
        var limits = TestOrigin.limits
        limits.bufferedBodyBytes = size
        try await TestOrigin.run(limits: limits) { server in
            let first = server.sending()
            let peer = await server.listener.accept()
            let content = String(repeating: "x", count: size)
            _ = await server.answer(
                peer, with: "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n" + content + stray)
            #expect(await first.content == content)
            let second = server.sending()
            let next = stray.isEmpty ? peer : await server.listener.accept()
            _ = await server.answer(next)
            #expect(await second.content == "ok")
        }
    }

    @Test func closesWhatLiesIdle() async throws {
        var limits = TestOrigin.limits
        limits.idleTimeout = .milliseconds(50)
        try await TestOrigin.run(limits: limits) { server in
            let request = server.sending()
            let peer = await server.listener.accept()
            _ = await server.answer(peer)
            _ = await request.value
            #expect(await peer.receive() == nil)
        }
    }

    @Test func servesTasksOnALoopWithoutLeavingIt() async throws {
        try await TestOrigin.run { server in
            let other = EventLoopGroup(count: 1)
            let loop = other.next()
            let request = Task(executorPreference: loop.executor) {
                let response = try await server.send()
                return loop.executor.isCurrent && response.status == .ok
            }
            let peer = await server.listener.accept()
            _ = await server.answer(peer)
            let isRight = try await request.value
            #expect(isRight)
            peer.hangUp()
            await other.shutdown()
        }
    }

    @Test(arguments: ["", "x", "/a b", "/a\r\nX: y", "/#a", "http://x/"])
    func sendsNoMalformedTarget(_ target: String) async throws {
        try await TestOrigin.run { server in
            await #expect(throws: HTTPTransportError.failed("the method or the target cannot be sent")) {
                try await server.send(.get, target)
            }
            #expect(server.listener.isQuiet)
        }
    }
}
