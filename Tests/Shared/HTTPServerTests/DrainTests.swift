import EventLoop
import HTTP
import HTTPServer
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct DrainTests {
    private static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test(arguments: [1, 2])
    func finishesWhatIsInFlightAndNothingElse(_ loops: Int) async throws {
        let started = Gate()
        let mayAnswer = Gate()
        try await TestServer.run(loops: loops) { request in
            if request.target == "/slow" {
                await started.open()
                await mayAnswer.wait()
            }
            return HTTPResponse(.ok, body: HTTPBody("done"))
        } _: { server in
            let idle = server.connect()
            await idle.send(Self.get)
            _ = await idle.receive(until: "done")
            let busy = server.connect()
            await busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            await started.wait()

            let drain = Task { await server.server.drain(deadline: .seconds(60)) }
            #expect(await idle.receive() == nil, "closed at once")
            await mayAnswer.open()
            let answer = await busy.receiveAll()
            #expect(answer.hasSuffix("Connection: close\r\n\r\ndone"))
            await drain.value

            // The port is free: another server may take it.
            let group = EventLoopGroup(count: 1)
            let next = HTTPServer(responder: Never(), group: group)
            try await next.start(host: "127.0.0.1", port: server.address.port)
            await next.drain(deadline: .zero)
            await group.shutdown()
        }
    }

    @Test func idleConnectionsAreServedOnceMoreWhileTheirGraceLasts() async throws {
        try await TestServer.run { _ in
            HTTPResponse(.ok, body: HTTPBody("done"))
        } _: { server in
            let (used, unused) = (server.connect(), server.connect())
            for idle in [used, unused] {
                await idle.send(Self.get)
                _ = await idle.receive(until: "done")
            }
            let drain = Task { await server.server.drain(deadline: .seconds(60), idleGrace: .seconds(1)) }
            var answer = ""
            repeat {
                await used.send(Self.get)
                answer = await used.receive(until: "done")
            } while !answer.contains("Connection: close")
            #expect(await used.receive() == nil)
            #expect(await unused.receive() == nil)
            await drain.value
        }
    }

    /// Each is sent before the server knows that it is to end, and may lie in the kernel when it does.
    @Test func requestsThatHaveComeAreAnswered() async throws {
        try await TestServer.run { _ in
            HTTPResponse(.ok, body: HTTPBody("done"))
        } _: { server in
            let callers = (0..<50).map { _ in server.connect() }
            for caller in callers { await caller.send(Self.get) }
            await server.server.drain(deadline: .seconds(60))
            for caller in callers { #expect(await caller.receiveAll().hasSuffix("done")) }
        }
    }

    /// Each on a connection of its own, so that some come at every moment of the end.
    @Test func whoeverGetsAConnectionGetsAnAnswer() async throws {
        for _ in 0..<5 {
            try await TestServer.run(loops: 2) { _ in
                HTTPResponse(.ok, body: HTTPBody("done"))
            } _: { server in
                let group = EventLoopGroup(count: 1)
                let origin = HTTPOrigin(host: "127.0.0.1", port: server.address.port)
                let (answers, sink) = AsyncStream<Void>.makeStream()
                let ends = await withTaskGroup { tasks in
                    for _ in 0..<16 {
                        tasks.addTask { await Self.askAnew(group, origin) { sink.yield() } }
                    }
                    for await _ in answers { break }
                    await server.server.drain(deadline: .seconds(60), idleGrace: .seconds(50))
                    return await tasks.reduce(into: []) { $0.append($1) }
                }
                for end in ends {
                    guard case .connectFailed = end else { throw end }
                }
                await group.shutdown()
            }
        }
    }

    /// Asks until that fails.
    private static func askAnew(
        _ group: EventLoopGroup, _ origin: HTTPOrigin, _ isAnswered: () -> Void
    ) async -> HTTPTransportError {
        while true {
            do throws(HTTPTransportError) { try await TestServer.ask(origin, group) } catch { return error }
            isAnswered()
        }
    }

    @Test func waitsForNobodyWhoseAnswerIsOut() async throws {
        var limits = HTTPServerLimits()
        limits.lingerTimeout = .seconds(3600)
        limits.idleTimeout = .seconds(3600)
        try await TestServer.run(limits: limits) { _ in
            HTTPResponse(.ok, body: HTTPBody("done"))
        } _: { server in
            let peer = server.connect()
            await peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
            #expect(await !peer.receive(until: "done").contains("Connection: close"))
            let idle = server.connect()
            await idle.send(Self.get)
            _ = await idle.receive(until: "done")
            let drain = Task { await server.server.drain(deadline: .seconds(3600)) }
            #expect(await idle.receive() == nil, "the end has begun")
            await peer.send("def")
            #expect(await peer.receive() == nil)
            await drain.value
        }
    }

    @Test func cutsOffWhatIsLeftAtTheDeadline() async throws {
        let started = Gate()
        let cancelled = Gate()
        try await TestServer.run { _ in
            await started.open()
            try? await Task.sleep(for: .seconds(3600))
            if Task.isCancelled { await cancelled.open() }
            return HTTPResponse(.ok)
        } _: { server in
            let busy = server.connect()
            await busy.send(Self.get)
            await started.wait()
            let start = ContinuousClock.now
            await server.server.drain(deadline: .milliseconds(100))
            #expect(ContinuousClock.now - start >= .milliseconds(100))
            #expect(await busy.receiveAll().isEmpty)
            await cancelled.wait()
        }
    }

    @Test func returnsAtOnceWhenNothingIsThere() async throws {
        try await TestServer.run { server in
            await server.server.drain(deadline: .seconds(3600))
            await server.server.drain(deadline: .seconds(3600))
        }
    }

    private struct Never: HTTPResponder {
        func respond(to request: HTTPRequest) async -> HTTPResponse { HTTPResponse(.internalServerError) }
    }
}
