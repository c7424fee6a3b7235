import EventLoop
import HTTP
import HTTPServer
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ListeningTests {
    private struct Answer: HTTPResponder {
        func respond(to request: HTTPRequest) async -> HTTPResponse { HTTPResponse(.ok) }
    }

    @Test(arguments: [1, 2], ["127.0.0.1", "localhost", "::1", "0.0.0.0", "::"])
    func listensWhereItIsTold(_ loops: Int, _ host: String) async throws {
        let group = EventLoopGroup(count: loops)
        let server = HTTPServer(responder: Answer(), group: group)
        let address = try await server.start(host: host, port: 0)
        #expect(address.port > 0)
        if host != "::1" {
            let peer = TestPeer.connect(to: address, on: group.next())
            await peer.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(await peer.receiveAll().hasPrefix("HTTP/1.1 200"))
        }
        await server.drain(deadline: .zero)
        await group.shutdown()
    }

    @Test(arguments: [1, 2], [1, 2])
    func saysThatAPortIsTaken(_ loops: Int, _ otherLoops: Int) async throws {
        let group = EventLoopGroup(count: loops)
        let otherGroup = EventLoopGroup(count: otherLoops)
        let server = HTTPServer(responder: Answer(), group: group)
        let other = HTTPServer(responder: Answer(), group: otherGroup)
        let address = try await server.start(host: "127.0.0.1", port: 0)
        let error = await #expect(throws: HTTPServerError.self) {
            try await other.start(host: "127.0.0.1", port: address.port)
        }
        #expect(error?.description == "port \(address.port) on 127.0.0.1 is already in use")
        await server.drain(deadline: .zero)
        await group.shutdown()
        await otherGroup.shutdown()
    }

    /// As those do who come again and again while a server is restarted.
    @Test(arguments: 0..<20)
    func whoeverConnectsWhileItStartsGetsAnAnswer(_ time: Int) async throws {
        let group = EventLoopGroup(count: 2)
        let callers = EventLoopGroup(count: 1)
        let port = Self.portThatNobodyIsGiven(time)
        let origin = HTTPOrigin(host: "127.0.0.1", port: port)
        let server = HTTPServer(responder: Answer(), group: group)
        let (refusals, sink) = AsyncStream<Void>.makeStream()
        let ends = try await withThrowingTaskGroup { tasks in
            for _ in 0..<8 {
                tasks.addTask { await Self.askUntilAnswered(origin, callers) { sink.yield() } }
            }
            for await _ in refusals { break }
            try await server.start(host: "127.0.0.1", port: port)
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(ends.allSatisfy { $0 == nil }, "\(ends)")
        await server.drain(deadline: .zero)
        await group.shutdown()
        await callers.shutdown()
    }

    /// Below those that the kernel gives to anybody, and of each time's own: nobody else takes it between this and the
    /// server's start.
    private static func portThatNobodyIsGiven(_ time: Int) -> UInt16 {
        let first = UInt16(20_000 + 500 * time)
        while true {
            let port = UInt16.random(in: first..<first + 500)
            if (try? ListeningSocket.free(SocketAddress(.v4(0x7F00_0001), port: port))) != nil { return port }
        }
    }

    /// - Returns: what else kept it from an answer than that nobody listened.
    private static func askUntilAnswered(
        _ origin: HTTPOrigin, _ group: EventLoopGroup, _ isRefused: () -> Void
    ) async -> HTTPTransportError? {
        while true {
            do throws(HTTPTransportError) {
                try await TestServer.ask(origin, group)
                return nil
            } catch {
                guard case .connectFailed = error else { return error }
                isRefused()
            }
        }
    }

    @Test(arguments: [("no-such-host.invalid", "no-such-host.invalid"), ("192.0.2.1", "192.0.2.1")])
    func saysWhyAnAddressCannotBeUsed(_ host: String, _ named: String) async throws {
        let group = EventLoopGroup(count: 1)
        let error = await #expect(throws: HTTPServerError.self) {
            try await HTTPServer(responder: Answer(), group: group).start(host: host, port: 0)
        }
        #expect(error?.description.contains(named) == true)
        await group.shutdown()
    }
}
