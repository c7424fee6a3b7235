import HTTP
import HTTPServer
import TestSupport
import Testing

/// A client that goes away takes its task with it, at once.
@Suite(.timeLimit(.minutes(1))) struct ClientGoneTests {
    enum Way: CaseIterable, Sendable {
        case hangsUp, resets, closesItsSendingSide

        func go(_ peer: TestPeer) {
            switch self {
            case .hangsUp: peer.hangUp()
            case .resets: peer.reset()
            case .closesItsSendingSide: peer.closeSendingSide()
            }
        }
    }

    /// Waits to be cancelled, for an hour.
    private static func waitForCancellation(_ cancelled: Gate) async {
        try? await Task.sleep(for: .seconds(3600))
        if Task.isCancelled { await cancelled.open() }
    }

    @Test(arguments: Way.allCases)
    func cancelsAHandlerThatWaits(_ way: Way) async throws {
        let started = Gate()
        let cancelled = Gate()
        try await TestServer.run { _ in
            await started.open()
            await Self.waitForCancellation(cancelled)
            return HTTPResponse(.ok)
        } _: { server in
            let peer = server.connect()
            await peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await started.wait()
            way.go(peer)
            await cancelled.wait()
        }
    }

    /// Tasks answer one request after the other; one that was cancelled must not answer another.
    @Test func doesNotCancelTheRequestsThatFollow() async throws {
        let started = Gate()
        let cancelled = Gate()
        try await TestServer.run { request in
            guard request.target == "/wait" else { return HTTPResponse(.ok, body: HTTPBody("\(Task.isCancelled)")) }
            await started.open()
            await Self.waitForCancellation(cancelled)
            return HTTPResponse(.ok)
        } _: { server in
            // Leaves a task, for the next request to be answered by.
            let next = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            #expect(await server.exchange(next).hasSuffix("\r\n\r\nfalse"))
            let peer = server.connect()
            await peer.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            await started.wait()
            peer.hangUp()
            await cancelled.wait()
            for _ in 0..<3 { #expect(await server.exchange(next).hasSuffix("\r\n\r\nfalse")) }
        }
    }

    @Test(arguments: Way.allCases)
    func cancelsAStreamThatHasNothingToSend(_ way: Way) async throws {
        let cancelled = Gate()
        try await TestServer.run { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    Pieces {
                        await Self.waitForCancellation(cancelled)
                        return nil
                    }, length: nil))
        } _: { server in
            let peer = server.connect()
            await peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = await peer.receive(until: "\r\n\r\n")
            way.go(peer)
            await cancelled.wait()
        }
    }

    @Test func cancelsAHandlerWhoseClientPipelinedTooMuch() async throws {
        let started = Gate()
        let cancelled = Gate()
        try await TestServer.run { _ in
            await started.open()
            await Self.waitForCancellation(cancelled)
            return HTTPResponse(.ok)
        } _: { server in
            let peer = server.connect()
            await peer.send(String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 1500))
            await started.wait()
            peer.closeSendingSide()
            await cancelled.wait()
        }
    }

    @Test func stopsASenderWhoseReaderIsGone() async throws {
        let cancelled = Gate()
        try await TestServer.run { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    Pieces {
                        if Task.isCancelled { await cancelled.open() }
                        return Task.isCancelled ? nil : [UInt8](repeating: 0, count: 65536)
                    } cancelled: {
                        Task { await cancelled.open() }
                    }, length: nil))
        } _: { server in
            let peer = server.connect()
            await peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = await peer.receive(until: "\r\n\r\n")
            peer.reset()
            await cancelled.wait()
        }
    }
}
