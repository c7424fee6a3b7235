import EventLoop
import Glibc
import HTTP
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)), .serialized) struct ServerLimitTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test func closesAnIdleConnection() async throws {
        var limits = HTTPServerLimits()
        limits.idleTimeout = .milliseconds(500)
        try await TestServer.run(limits: limits) { server in
            let peer = server.connect()
            await peer.send(Self.get)
            #expect(await peer.receiveAll() == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
    }

    @Test(arguments: ["", "GET / HTTP/1.1\r\nHo"])
    func endsASlowHead(_ start: String) async throws {
        var limits = HTTPServerLimits()
        limits.headTimeout = .milliseconds(50)
        try await TestServer.run(limits: limits) { server in
            let answer = await server.exchange(start)
            #expect(start.isEmpty ? answer.isEmpty : answer.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        }
    }

    @Test func isNotHeldByAHeadThatTricklesIn() async throws {
        var limits = HTTPServerLimits()
        limits.headTimeout = .milliseconds(200)
        try await TestServer.run(limits: limits) { server in
            let peer = server.connect()
            let start = ContinuousClock.now
            let trickle = Task {
                for byte in Self.get.utf8.dropLast(2) + Array(repeating: UInt8(ascii: "a"), count: 10_000) {
                    guard await peer.send([byte]), !Task.isCancelled else { return }
                    try? await Task.sleep(for: .milliseconds(10))
                }
            }
            let answer = await peer.receiveAll()
            trickle.cancel()
            #expect(answer.hasPrefix("HTTP/1.1 408"))
            #expect(ContinuousClock.now - start < .seconds(20))
            await trickle.value
        }
    }

    @Test func endsASlowBody() async throws {
        var limits = HTTPServerLimits()
        limits.bodyRateWindow = .milliseconds(100)
        let outcome = Mutex<HTTPBodyError?>(nil)
        try await TestServer.run(limits: limits) { request in
            do {
                _ = try await request.body.collect(limitBytes: 1000)
            } catch {
                outcome.withLock { $0 = error as? HTTPBodyError }
            }
            return HTTPResponse(408)
        } _: { server in
            let answer = await server.exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            #expect(answer.hasPrefix("HTTP/1.1 408"))
            guard case .tooSlow = outcome.withLock({ $0 }) else {
                Issue.record("ended with \(String(describing: outcome.withLock { $0 }))")
                return
            }
        }
    }

    @Test func cutsAClientThatTakesNothing() async throws {
        var limits = HTTPServerLimits()
        limits.writeStall = .milliseconds(100)
        let cancelled = Gate()
        try await TestServer.run(limits: limits) { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    Pieces {
                        [UInt8](repeating: 0, count: 65536)
                    } cancelled: {
                        Task { await cancelled.open() }
                    },
                    length: nil))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.get)
            await cancelled.wait()
        }
    }

    /// It takes in a window less than the kernel takes before it tells of room, and much more than it must.
    @Test func letsAClientReadSlowly() async throws {
        var limits = HTTPServerLimits()
        limits.writeStall = .seconds(1)
        let isCut = Mutex(false)
        try await TestServer.run(limits: limits) { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    Pieces {
                        [UInt8](repeating: 0, count: 65536)
                    } cancelled: {
                        isCut.withLock { $0 = true }
                    },
                    length: nil))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.get)
            for _ in 0..<25 {
                #expect(await !peer.receive(count: 65536).isEmpty)
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(!isCut.withLock { $0 })
        }
    }

    @Test func isNotHeldByAClientThatTricklesOut() async throws {
        var limits = HTTPServerLimits()
        limits.writeStall = .milliseconds(200)
        limits.responseBytesPerSecond = 1 << 40
        let cancelled = Gate()
        try await TestServer.run(limits: limits) { _ in
            HTTPResponse(
                .ok,
                body: .stream(
                    Pieces {
                        [UInt8](repeating: 0, count: 1 << 20)
                    } cancelled: {
                        Task { await cancelled.open() }
                    },
                    length: nil))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.get)
            // 100 KB a second at the most, so that no piece is out before the window is over.
            let trickle = Task {
                while !Task.isCancelled, await peer.receiveBytes(atMost: 1000) != nil {
                    try? await Task.sleep(for: .milliseconds(10))
                }
            }
            await cancelled.wait()
            trickle.cancel()
            await trickle.value
        }
    }

    @Test func refusesOneConnectionTooManyWhenAllAreBusy() async throws {
        var limits = HTTPServerLimits()
        limits.connections = 2
        let (started, mayAnswer) = (Progress(), Gate())
        try await TestServer.run(limits: limits) { _ in
            started.add(1)
            await mayAnswer.wait()
            return HTTPResponse(.ok)
        } _: { server in
            let busy = [server.connect(), server.connect()]
            for peer in busy { await peer.send(Self.get) }
            while started.total < busy.count { try await Task.sleep(for: .milliseconds(1)) }
            let refusal = await server.connect().receiveAll()
            #expect(refusal.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(refusal.contains("\r\nRetry-After: 1\r\n"))
            await mayAnswer.open()
            for peer in busy { #expect(await peer.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200")) }
        }
    }

    /// All are looked at in the first case, and a sample in the second.
    @Test(arguments: [3, 300])
    func whoHasBeenIdleForTheLongestMakesRoom(_ limit: Int) async throws {
        var limits = HTTPServerLimits()
        limits.connections = limit
        try await TestServer.run(limits: limits) { server in
            var peers: [TestPeer] = []
            for _ in 0..<limit + 2 {
                let peer = server.connect()
                await peer.send(Self.get)
                #expect(await peer.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
                peers.append(peer)
            }
            if limit == 3 {
                for peer in peers.prefix(2) { #expect(await peer.receive() == nil) }
                for peer in peers.dropFirst(2) {
                    await peer.send(Self.get)
                    #expect(await peer.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
                }
            }
        }
    }

    @Test func readsOnlySoFarAhead() async throws {
        let started = Gate()
        let mayAnswer = Gate()
        let answered = Mutex(0)
        try await TestServer.run { _ in
            await started.open()
            await mayAnswer.wait()
            answered.withLock { $0 += 1 }
            return HTTPResponse(.ok)
        } _: { server in
            let peer = server.connect()
            let request = "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 1000))\r\n\r\n"
            let count = 20_000
            let sent = Progress()
            let sending = Task {
                for _ in 0..<count {
                    await peer.send(request)
                    sent.add(1)
                }
            }
            await started.wait()
            let held = try await sent.settled()
            #expect(
                held < count, "20 MB of requests are not read while the first is being answered")
            await mayAnswer.open()
            var received = 0
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8.count
            while received < count * answer, let more = await peer.receiveBytes() { received += more.count }
            await sending.value
            #expect(answered.withLock { $0 } == count)
        }
    }
}
