import EventLoop
import HTTP
import HTTPClient
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// Server and client together on one loop, as the gateway uses them.
@Suite(.timeLimit(.minutes(1))) struct ProxyingTests {
    private struct Echo: HTTPResponder {
        func respond(to request: HTTPRequest) async -> HTTPResponse {
            HTTPResponse(
                .ok, fields: ["X-Target": request.target, "X-Method": "\(request.method)"], body: request.body)
        }
    }

    private struct Forward: HTTPResponder {
        let client: KeepAliveClient
        let origin: HTTPOrigin

        func respond(to request: HTTPRequest) async -> HTTPResponse {
            var forwarded = request
            forwarded.fields.removeHopByHop()
            do throws(HTTPTransportError) {
                var response = try await client.send(forwarded, to: origin, deadlines: HTTPDeadlines())
                response.fields.removeHopByHop()
                return response
            } catch {
                return HTTPResponse(.badGateway, body: HTTPBody("\(error)"))
            }
        }
    }

    @Test(arguments: [1, 2], [0, 5, 5_000, 3_000_000])
    func carriesBodiesThrough(_ loops: Int, _ size: Int) async throws {
        let group = EventLoopGroup(count: loops)
        let client = KeepAliveClient(group: group)
        let echo = HTTPServer(responder: Echo(), group: group)
        let upstream = try await echo.start(host: "127.0.0.1", port: 0)
        let origin = HTTPOrigin(host: "127.0.0.1", port: upstream.port)
        let proxy = HTTPServer(responder: Forward(client: client, origin: origin), group: group)
        let address = try await proxy.start(host: "localhost", port: 0)

        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        for turn in 0..<3 {
            let response = try await client.send(
                HTTPRequest(.post, "/x?\(turn)", body: content.isEmpty ? .empty : .bytes(content)),
                to: HTTPOrigin(host: "localhost", port: address.port), deadlines: HTTPDeadlines())
            #expect(response.status == .ok)
            #expect(response.fields["x-target"] == "/x?\(turn)")
            let received = try await response.body.collect(limitBytes: size + 1)
            #expect(received == content)
        }
        await proxy.drain(deadline: .seconds(5))
        await echo.drain(deadline: .seconds(5))
        await group.shutdown()
    }

    /// A proxy before a server that the test plays.
    private func withProxy(_ body: (SocketAddress, TestListener, EventLoop) async throws -> Void) async throws {
        let group = EventLoopGroup(count: 1)
        let peers = EventLoopGroup(count: 1)
        let upstream = TestListener(on: peers.next())
        let forward = Forward(
            client: KeepAliveClient(group: group), origin: HTTPOrigin(host: "127.0.0.1", port: upstream.port))
        let proxy = HTTPServer(responder: forward, group: group, timeOfDay: nil)
        try await body(try await proxy.start(host: "127.0.0.1", port: 0), upstream, peers.next())
        await proxy.drain(deadline: .zero)
        await group.shutdown()
        await peers.shutdown()
    }

    enum Moment: CaseIterable, Sendable {
        case beforeTheHead, betweenChunks, insideTheUpload
    }

    @Test(arguments: Moment.allCases)
    func endsTheUpstreamExchangeWithTheClient(_ moment: Moment) async throws {
        try await withProxy { address, upstream, loop in
            let client = TestPeer.connect(to: address, on: loop)
            let framing = moment == .insideTheUpload ? "Content-Length: 1000000000\r\n" : ""
            await client.send("POST / HTTP/1.1\r\nHost: x\r\n\(framing)\r\n")
            if moment == .insideTheUpload { await client.send([UInt8](repeating: 0, count: 1_000_000)) }
            let server = await upstream.accept()
            _ = await server.receive(until: "\r\n\r\n")
            if moment == .betweenChunks {
                await server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
                _ = await client.receive(until: "abc")
            }
            client.hangUp()
            while await server.receiveBytes() != nil {}
        }
    }

    @Test func passesEventsOnAsTheyCome() async throws {
        try await withProxy { address, upstream, loop in
            let client = TestPeer.connect(to: address, on: loop)
            await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let server = await upstream.accept()
            _ = await server.receive(until: "\r\n\r\n")
            await server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            _ = await client.receive(until: "\r\n\r\n")
            for event in 1...5 {
                await server.send("7\r\nevent \(event)\r\n")
                #expect(await client.receive(until: "event \(event)\r\n") == "7\r\nevent \(event)\r\n")
            }
            await server.send("0\r\n\r\n")
            #expect(await client.receive(until: "0\r\n\r\n") == "0\r\n\r\n")
        }
    }

    @Test func showsTheClientThatTheUpstreamBrokeOff() async throws {
        try await withProxy { address, upstream, loop in
            let client = TestPeer.connect(to: address, on: loop)
            await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let server = await upstream.accept()
            _ = await server.receive(until: "\r\n\r\n")
            await server.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            _ = await client.receive(until: "abc")
            server.reset()
            #expect(!(await client.receiveAll()).contains("0\r\n\r\n"))
        }
    }

    @Test func holdsTheUpstreamBackForASlowClient() async throws {
        try await withProxy { address, upstream, loop in
            let client = TestPeer.connect(to: address, on: loop)
            client.limitReceiveBuffer(65536)
            await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let server = await upstream.accept()
            _ = await server.receive(until: "\r\n\r\n")
            let size = 60_000_000
            let sent = Progress()
            let sending = Task {
                await server.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
                for _ in 0..<600 {
                    await server.send([UInt8](repeating: 0x61, count: 100_000))
                    sent.add(100_000)
                }
            }
            _ = await client.receive(until: "\r\n\r\n")
            let held = try await sent.settled()
            #expect(held < size / 2)
            var received = 0
            while received < size - 65536, let more = await client.receiveBytes() { received += more.count }
            #expect(received >= size - 65536)
            await sending.value
        }
    }
}
