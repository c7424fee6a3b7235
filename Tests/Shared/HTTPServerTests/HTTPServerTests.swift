import EventLoop
import HTTP
import HTTPServer
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPServerTests {
    @Test func answersRequestsOnOneConnectionInTheirOrder() async throws {
        try await TestServer.run {
            HTTPResponse(.ok, body: HTTPBody($0.target))
        } _: { server in
            let peer = server.connect()
            for target in ["/a", "/b"] {
                await peer.send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(await peer.receive(until: target) == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\(target)")
            }
            let pipelined = (0..<200).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
            await peer.send(pipelined + "GET /end HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let bodies = await peer.receiveAll().split(separator: "\r\n\r\n").compactMap {
                $0.split(separator: "HTTP").first
            }
            #expect(bodies.filter { !$0.contains(" ") } == (0..<200).map { "/\($0)" } + ["/end"])
        }
    }

    @Test func passesOnWhatWasAsked() async throws {
        try await TestServer.run { request in
            let body = (try? await request.body.collect(limitBytes: 100)) ?? []
            let isLocal = request.peer.hasPrefix("127.0.0.1:")
            let text = "\(request.method) \(request.target) \(request.fields["x-a"] ?? "") \(isLocal) "
            return HTTPResponse(.created, body: .bytes(Array(text.utf8) + body))
        } _: { server in
            let answer = await server.exchange(
                "PUT /p?q=1 HTTP/1.1\r\nHost: x\r\nX-A: y\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
            #expect(answer.hasPrefix("HTTP/1.1 201 Created\r\n"))
            #expect(answer.hasSuffix("\r\n\r\nPUT /p?q=1 y true hi"))
        }
    }

    @Test(arguments: [
        ("GET", 200, "Content-Length: 5\r\n\r\nhello"), ("HEAD", 200, "Content-Length: 5\r\n\r\n"),
        ("GET", 204, "No Content\r\n\r\n"), ("GET", 304, "Not Modified\r\n\r\n"),
    ])
    func sendsBodiesOnlyWhereTheyBelong(_ method: String, _ status: Int, _ end: String) async throws {
        try await TestServer.run { _ in
            HTTPResponse(HTTPStatus(status), body: HTTPBody("hello"))
        } _: { server in
            let peer = server.connect()
            for _ in 0..<2 {
                await peer.send("\(method) / HTTP/1.1\r\nHost: x\r\n\r\n")
                let answer = await peer.receive(until: end)
                #expect(answer.hasSuffix(end))
            }
        }
    }

    @Test func tellsTheLengthThatHeadWasAskedFor() async throws {
        try await TestServer.run { _ in
            HTTPResponse(.ok, fields: ["Content-Length": "1234"])
        } _: { server in
            let answer = await server.exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer == "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nConnection: close\r\n\r\n")
        }
    }

    @Test func tellsTheDateUnlessTheResponseHasOne() async throws {
        let group = EventLoopGroup(count: 1)
        let peers = EventLoopGroup(count: 1)
        let server = HTTPServer(responder: Dated(), group: group) { 784_111_777 }
        let address = try await server.start(host: "127.0.0.1", port: 0)
        let peer = TestPeer.connect(to: address, on: peers.next())
        await peer.send("GET /own HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        let answers = await peer.receiveAll()
        #expect(answers.ranges(of: "Date: ").count == 2)
        #expect(answers.contains("Date: yesterday\r\n"))
        #expect(answers.contains("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))
        await server.drain(deadline: .zero)
        await group.shutdown()
        await peers.shutdown()
    }

    private struct Dated: HTTPResponder {
        func respond(to request: HTTPRequest) async -> HTTPResponse {
            HTTPResponse(.ok, fields: request.target == "/own" ? ["Date": "yesterday"] : [:])
        }
    }

    @Test func framesBodiesItselfWhateverTheFieldsSay() async throws {
        let fields: HTTPFields = [
            "Content-Length": "99", "Transfer-Encoding": "gzip", "Connection": "upgrade", "Keep-Alive": "1", "A": "b",
        ]
        try await TestServer.run { _ in
            HTTPResponse(.ok, fields: fields, body: HTTPBody("hi"))
        } _: { server in
            let answer = await server.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer == "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        }
    }

    @Test(arguments: [
        ("1.0", "", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab"),
        ("1.0", "Connection: keep-alive\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nab"),
        (
            "1.1", "Connection: close\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"
        ),
    ])
    func framesStreamsAsTheClientUnderstands(_ version: String, _ field: String, _ expected: String) async throws {
        try await TestServer.run { _ in
            let letters = Letters("ab")
            return HTTPResponse(.ok, body: .stream(Pieces { await letters.next() }, length: nil))
        } _: { server in
            #expect(await server.exchange("GET / HTTP/\(version)\r\nHost: x\r\n\(field)\r\n") == expected)
        }
    }

    @Test func keepsTheConnectionOfAnOldClientThatAsksForIt() async throws {
        try await TestServer.run { _ in
            HTTPResponse(.ok, body: HTTPBody("hi"))
        } _: { server in
            let peer = server.connect()
            for _ in 0..<2 {
                await peer.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                let answer = await peer.receive(until: "hi")
                #expect(answer == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi")
            }
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400, "no Host"), ("GET / HTTP/1.1\nHost: x\n\n", 400, "malformed line end"),
        ("CONNECT / HTTP/1.1\r\nHost: x\r\n\r\n", 501, "CONNECT is not served"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "beside"),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\n", 400, "malformed chunk size"),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000000\r\n\r\n", 413, "larger than"),
        ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: x\r\n\r\n", 414, "longer than"),
        ("GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "a", count: 40_000))\r\n\r\n", 431, "larger than"),
    ])
    func refusesWithAReasonAndCloses(_ wire: String, _ status: Int, _ reason: String) async throws {
        try await TestServer.run { server in
            // A request behind a refused one is not looked at.
            let answer = await server.exchange(wire + "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.contains("Connection: close\r\n"))
            #expect(answer.contains(reason))
            #expect(answer.ranges(of: "HTTP/1.1").count == 1)
        }
    }

    @Test func keepsRequestTasksOnTheThreadsOfItsLoops() async throws {
        let seen = Seen()
        try await TestServer.run(loops: 2) { _ in
            for _ in 0..<5 {
                await seen.note(EventLoop.current)
                await Task.yield()
                await seen.note(EventLoop.current)
            }
            return HTTPResponse(.ok, body: HTTPBody("x"))
        } _: { server in
            for _ in 0..<40 { _ = await server.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") }
        }
        #expect(await seen.strays == 0)
        #expect(await (1...2).contains(seen.loops.count))
    }
}

/// Which loops handlers found themselves on, across suspensions.
private actor Seen {
    private(set) var loops: Set<ObjectIdentifier> = []
    private(set) var strays = 0

    func note(_ loop: EventLoop?) {
        if let loop { loops.insert(ObjectIdentifier(loop)) } else { strays += 1 }
    }
}

/// One letter at a time.
actor Letters {
    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    func next() -> [UInt8]? { rest.popFirst().map { Array($0.utf8) } }
}
