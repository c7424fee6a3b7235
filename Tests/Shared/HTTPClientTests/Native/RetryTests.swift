import EventLoop
import HTTP
import HTTPClient
import TestSupport
import Testing

/// Whether a request goes out again when its connection is closed before a response: never twice to a server that may
/// have acted on it.
@Suite(.timeLimit(.minutes(1))) struct RetryTests {
    @Test(arguments: [HTTPMethod.get, .head, .put, .delete, .options])
    func repeatsOnceWhatMayBeRepeated(_ method: HTTPMethod) async throws {
        try await TestOrigin.run { server in
            let old = try await server.warm()
            let request = server.sending(method, body: method == .put ? HTTPBody("x") : .empty)
            _ = await old.receive(until: "\r\n\r\n")
            old.hangUp()
            let new = await server.listener.accept()
            _ = await new.receive(until: "\r\n\r\n")
            await new.send("HTTP/1.1 204 No Content\r\n\r\n")
            #expect(await request.status == 204)
        }
    }

    @Test func doesNotRepeatASecondTime() async throws {
        try await TestOrigin.run { server in
            let old = try await server.warm()
            let request = server.sending()
            _ = await old.receive(until: "\r\n\r\n")
            old.hangUp()
            let new = await server.listener.accept()
            _ = await new.receive(until: "\r\n\r\n")
            new.hangUp()
            #expect(await request.value.error == .failed("the server closed the connection"))
            #expect(server.listener.isQuiet)
        }
    }

    @Test(arguments: [HTTPBody("x"), .empty])
    func doesNotRepeatWhatMayHaveHadAnEffect(_ body: HTTPBody) async throws {
        try await TestOrigin.run { server in
            let old = try await server.warm()
            let request = server.sending(.post, body: body)
            _ = await old.receive(until: "\r\n\r\n")
            old.hangUp()
            #expect(await request.value.error == .failed("the server closed the connection"))
            #expect(server.listener.isQuiet)
        }
    }

    @Test func doesNotRepeatOnANewConnection() async throws {
        try await TestOrigin.run { server in
            let request = server.sending()
            let peer = await server.listener.accept()
            _ = await peer.receive(until: "\r\n\r\n")
            peer.hangUp()
            #expect(await request.value.error == .failed("the server closed the connection"))
            #expect(server.listener.isQuiet)
        }
    }

    @Test func doesNotRepeatAfterTheFirstByteOfAResponse() async throws {
        try await TestOrigin.run { server in
            let old = try await server.warm()
            let request = server.sending()
            _ = await old.receive(until: "\r\n\r\n")
            await old.send("H")
            old.hangUp()
            #expect(await request.value.error == .failed("the server closed the connection"))
            #expect(server.listener.isQuiet)
        }
    }

    @Test func doesNotSendAPostOnAConnectionThatTheServerHasClosed() async throws {
        try await TestOrigin.run { server in
            for _ in 0..<50 {
                let old = try await server.warm()
                old.hangUp()
                // Whether or not the loop has heard of it by now.
                let request = server.sending(.post, body: HTTPBody("x"))
                let new = await server.listener.accept()
                _ = await server.answer(new)
                #expect(await request.content == "ok")
                new.hangUp()
                _ = await new.receiveAll()
            }
        }
    }

    @Test func prefersTheConnectionUsedLast() async throws {
        try await TestOrigin.run { server in
            let requests = [server.sending(), server.sending()]
            let peers = [await server.listener.accept(), await server.listener.accept()]
            _ = await server.answer(peers[0])
            _ = await server.answer(peers[1])
            for request in requests { _ = try await request.value.get() }
            for _ in 0..<3 {
                let request = server.sending()
                _ = await server.answer(peers[1])
                _ = try await request.value.get()
            }
        }
    }
}
