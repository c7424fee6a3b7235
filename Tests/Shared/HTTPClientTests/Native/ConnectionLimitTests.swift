import EventLoop
import HTTP
import HTTPClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConnectionLimitTests {
    private static var limits: HTTPClientLimits {
        var limits = TestOrigin.limits
        limits.connectionsPerOrigin = 1
        return limits
    }

    @Test func waitsForAConnectionAtTheLimit() async throws {
        try await TestOrigin.run(limits: Self.limits) { server in
            let requests = (0..<5).map { _ in server.sending() }
            let peer = await server.listener.accept()
            for _ in requests {
                #expect(await server.answer(peer).hasPrefix("GET"))
                #expect(server.listener.isQuiet)
            }
            for request in requests { #expect(await request.content == "ok") }
        }
    }

    @Test func opensAnotherWhenOneIsClosed() async throws {
        try await TestOrigin.run(limits: Self.limits) { server in
            let requests = (0..<3).map { _ in server.sending() }
            for _ in requests {
                let peer = await server.listener.accept()
                _ = await server.answer(
                    peer, with: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
            }
            for request in requests { #expect(await request.content == "ok") }
        }
    }

    @Test func waitsNoLongerThanForConnecting() async throws {
        try await TestOrigin.run(limits: Self.limits) { server in
            let first = server.sending()
            let peer = await server.listener.accept()
            var impatient = server
            impatient.deadlines.connect = .milliseconds(50)
            let second = impatient.sending()
            let error = await second.value.error
            #expect(error == .connectFailed("all 1 connections to \(server.origin) are in use"))
            _ = await server.answer(peer)
            #expect(await first.content == "ok")
            let third = server.sending()
            _ = await server.answer(peer)
            #expect(await third.content == "ok")
        }
    }

    @Test func stopsWaitingWhenCancelled() async throws {
        try await TestOrigin.run(limits: Self.limits) { server in
            let first = server.sending()
            let peer = await server.listener.accept()
            let second = server.sending()
            second.cancel()
            #expect(await second.value.error == .cancelled)
            let third = server.sending()
            for _ in 0..<2 { _ = await server.answer(peer) }
            #expect(await first.content == "ok")
            #expect(await third.content == "ok")
        }
    }

    @Test func refusesWhenTooManyWait() async throws {
        var limits = Self.limits
        limits.waitingPerOrigin = 0
        try await TestOrigin.run(limits: limits) { server in
            let first = server.sending()
            let peer = await server.listener.accept()
            guard case .connectFailed = await server.sending().value.error else {
                Issue.record("waited")
                return
            }
            _ = await server.answer(peer)
            _ = await first.value
        }
    }
}
