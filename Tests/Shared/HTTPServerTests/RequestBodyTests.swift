import HTTP
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct RequestBodyTests {
    private static let post = "POST / HTTP/1.1\r\nHost: x\r\n"

    private static func kind(_ body: HTTPBody) -> String {
        switch body {
        case .empty: "empty"
        case .bytes: "bytes"
        case .stream(_, let length): "stream of \(length.map(String.init) ?? "unknown")"
        }
    }

    @Test(arguments: [
        (["Content-Length: 3\r\n\r\nabc"], "bytes", "abc"),
        (["Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"], "bytes", "abc"),
        (["Content-Length: 0\r\n\r\n"], "empty", ""), (["\r\n"], "empty", ""),
        (["Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"], "empty", ""),
        (["Content-Length: 6\r\n\r\nabc", "def"], "stream of 6", "abcdef"),
        (["Content-Length: 6\r\n\r\n", "abcdef"], "stream of 6", "abcdef"),
        (
            ["Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "3\r\ndef\r\n0\r\nT: x\r\n\r\n"], "stream of unknown",
            "abcdef"
        ),
    ])
    func handsOverWhatCame(_ parts: [String], _ kind: String, _ content: String) async throws {
        let arrived = Gate()
        try await TestServer.run { request in
            await arrived.open()
            let body = (try? await request.body.collect(limitBytes: 100)) ?? Array("broken".utf8)
            return HTTPResponse(.ok, fields: ["X-Kind": Self.kind(request.body)], body: .bytes(body))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.post + parts[0])
            await arrived.wait()
            for part in parts.dropFirst() { await peer.send(part) }
            let answer = await peer.receive(until: "\r\n\r\n\(content)")
            #expect(answer.contains("X-Kind: \(kind)\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n\(content)"))
            await peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await peer.receive(until: "\r\n\r\n").contains("X-Kind: empty"), "the connection goes on")
        }
    }

    @Test func asksForABodyOnlyWhenSomebodyWantsIt() async throws {
        try await TestServer.run { request in
            guard request.target == "/wanted" else { return HTTPResponse(.unauthorized) }
            return HTTPResponse(.ok, body: .bytes((try? await request.body.collect(limitBytes: 9)) ?? []))
        } _: { server in
            let wanted = server.connect()
            let fields = "Host: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            await wanted.send("POST /wanted HTTP/1.1\r\n\(fields)")
            #expect(await wanted.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            await wanted.send("hi")
            #expect(await wanted.receive(until: "hi").hasPrefix("HTTP/1.1 200 OK"))

            let unwanted = await server.exchange("POST /unwanted HTTP/1.1\r\n\(fields)")
            #expect(unwanted.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
            #expect(unwanted.contains("Connection: close"), "whether the body comes is unknown")
        }
    }

    @Test func asksForNoBodyInTheMiddleOfTheAnswer() async throws {
        let isAnswered = Gate()
        let isRead = Gate()
        try await TestServer.run { request in
            guard case .stream(let stream, let length) = request.body else { return HTTPResponse(.badRequest) }
            let echo = Pieces {
                await isAnswered.wait()
                await isRead.open()
                return try await stream.next()
            }
            return HTTPResponse(.ok, body: .stream(echo, length: length))
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.post + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(await peer.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            await isAnswered.open()
            await isRead.wait()
            await peer.send("hi")
            #expect(await peer.receiveAll() == "hi")
        }
    }

    @Test func endsTheReaderThatIsLeftBehindByTheAnswer() async throws {
        let taken = Gate()
        let (ends, end) = AsyncStream<HTTPBodyError?>.makeStream()
        try await TestServer.run { request in
            guard request.target == "/early", case .stream(let stream, _) = request.body else {
                let body = try? await request.body.collect(limitBytes: 100)
                return HTTPResponse(.ok, body: .bytes(body ?? []))
            }
            Task {
                do {
                    while try await stream.next() != nil { await taken.open() }
                    end.yield(nil)
                } catch {
                    end.yield(error as? HTTPBodyError)
                }
            }
            await taken.wait()
            return HTTPResponse(.noContent)
        } _: { server in
            let peer = server.connect()
            await peer.send("POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
            #expect(await peer.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 204"))
            for await error in ends {
                #expect(error == .cancelled)
                break
            }
            // The next one has to wait in the same place.
            await peer.send("def" + Self.post + "Expect: 100-continue\r\nContent-Length: 6\r\n\r\n")
            #expect(await peer.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100"))
            await peer.send("ghijkl")
            #expect(await peer.receive(until: "ghijkl").hasSuffix("ghijkl"))
        }
    }

    @Test func holdsAFastSenderBack() async throws {
        let started = Gate()
        let mayRead = Gate()
        try await TestServer.run { request in
            guard case .stream(let stream, _) = request.body else { return HTTPResponse(.badRequest) }
            await started.open()
            await mayRead.wait()
            var count = 0
            while let piece = try? await stream.next() { count += piece.count }
            return HTTPResponse(.ok, body: HTTPBody("\(count) bytes"))
        } _: { server in
            let peer = server.connect()
            let size = 60_000_000
            let sent = Progress()
            await peer.send(Self.post + "Content-Length: \(size)\r\n\r\n")
            await started.wait()
            let sending = Task {
                let piece = [UInt8](repeating: 1, count: 100_000)
                for _ in 0..<size / piece.count {
                    await peer.send(piece)
                    sent.add(piece.count)
                }
            }
            let held = try await sent.settled()
            #expect(held < size / 2, "what was taken is what the kernel buffers")
            await mayRead.open()
            #expect(await peer.receive(until: "bytes").hasSuffix("\(size) bytes"))
            await sending.value
        }
    }

    @Test(arguments: [
        ("Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", "zz\r\n"), ("Content-Length: 3\r\n\r\na", nil),
    ])
    func failsTheReaderOfABrokenBody(_ start: String, _ rest: String?) async throws {
        let started = Gate()
        let outcome = Mutex<HTTPBodyError?>(nil)
        let ended = Gate()
        try await TestServer.run { request in
            await started.open()
            do {
                _ = try await request.body.collect(limitBytes: 100)
            } catch {
                outcome.withLock { $0 = error as? HTTPBodyError }
            }
            await ended.open()
            return HTTPResponse(.badRequest)
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.post + start)
            await started.wait()
            if let rest {
                await peer.send(rest)
                let answer = await peer.receiveAll()
                #expect(answer.hasPrefix("HTTP/1.1 400"))
                #expect(answer.contains("Connection: close"))
            } else {
                peer.hangUp()
            }
            await ended.wait()
            guard case .incomplete = outcome.withLock({ $0 }) else {
                Issue.record("ended with \(String(describing: outcome.withLock { $0 }))")
                return
            }
        }
    }

    @Test func endsABodyThatGrowsBeyondTheLimit() async throws {
        var limits = HTTPServerLimits()
        limits.body.contentBytes = 10
        let outcome = Mutex<HTTPBodyError?>(nil)
        try await TestServer.run(limits: limits) { request in
            do {
                _ = try await request.body.collect(limitBytes: 1000)
            } catch {
                outcome.withLock { $0 = error as? HTTPBodyError }
            }
            return HTTPResponse(.contentTooLarge)
        } _: { server in
            let peer = server.connect()
            await peer.send(Self.post + "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
            _ = await peer.receive(until: "\r\n\r\n")
            await peer.send("8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n")
            #expect(await peer.receiveAll().hasPrefix("HTTP/1.1 413"))
            #expect(outcome.withLock { $0 } == .tooLarge(limitBytes: 10))
        }
    }
}
