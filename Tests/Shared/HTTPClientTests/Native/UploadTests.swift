import EventLoop
import HTTP
import HTTPClient
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct UploadTests {
    /// The pieces it is made with, one by one.
    private final class Pieces: ByteStream {
        struct Broken: Error {}

        private let rest: Mutex<[String]>
        private let fails: Bool
        let taken = Progress()
        let isCancelled = Mutex(false)

        init(_ pieces: [String], fails: Bool = false) {
            rest = Mutex(pieces.reversed())
            self.fails = fails
        }

        func next() async throws -> [UInt8]? {
            taken.add(1)
            if let piece = rest.withLock({ $0.popLast() }) { return Array(piece.utf8) }
            if fails { throw Broken() }
            return nil
        }

        func cancel() { isCancelled.withLock { $0 = true } }
    }

    @Test(arguments: [
        (nil, "POST / HTTP/1.1\r\nHost: #\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"),
        (3, "POST / HTTP/1.1\r\nHost: #\r\nContent-Length: 3\r\n\r\nabc"),
    ])
    func framesAStream(_ length: Int?, _ wire: String) async throws {
        try await TestOrigin.run { server in
            for _ in 0..<2 {
                let request = server.sending(.post, body: .stream(Pieces(["ab", "c"]), length: length))
                let peer = await server.listener.accept()
                let expected = wire.replacing("#", with: server.origin.authority)
                #expect(String(decoding: await peer.receive(count: expected.utf8.count), as: UTF8.self) == expected)
                await peer.send("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
                #expect(await request.status == 204)
            }
        }
    }

    @Test func reusesTheConnectionAfterAnUpload() async throws {
        try await TestOrigin.run { server in
            var peer: TestPeer?
            for _ in 0..<3 {
                let request = server.sending(.post, body: .stream(Pieces(["ab", "c"]), length: nil))
                let current = if let peer { peer } else { await server.listener.accept() }
                peer = current
                _ = await current.receive(until: "0\r\n\r\n")
                await current.send(TestOrigin.ok)
                #expect(await request.content == "ok")
            }
        }
    }

    @Test func takesAnAnswerThatComesBeforeTheEndOfTheUpload() async throws {
        try await TestOrigin.run { server in
            let request = server.sending(.post, body: .stream(Endless(), length: nil))
            let peer = await server.listener.accept()
            _ = await peer.receive(until: "\r\n\r\n")
            await peer.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
            let answer = try await request.value.get()
            #expect(answer.status == 413)
            #expect(answer.content == "big")
            _ = await peer.receiveAll()

            let next = server.sending()
            let other = await server.listener.accept()
            _ = await server.answer(other)
            #expect(await next.content == "ok", "on another connection")
        }
    }

    @Test(arguments: [(["a"], true, nil), (["a"], false, 3), (["ab", "cd"], false, 3)] as [([String], Bool, Int?)])
    func showsTheServerThatARequestBrokeOff(_ pieces: [String], _ fails: Bool, _ length: Int?) async throws {
        try await TestOrigin.run { server in
            let stream = Pieces(pieces, fails: fails)
            let request = server.sending(.post, body: .stream(stream, length: length))
            let peer = await server.listener.accept()
            let received = await peer.receiveAll()
            #expect(!received.hasSuffix("0\r\n\r\n"))
            #expect(!received.hasSuffix("\r\n\r\nabc"))
            guard case .requestBodyFailed(.incomplete) = await request.value.error else {
                Issue.record("not failed, or not by its body")
                return
            }
        }
    }

    @Test func saysWhyTheBodyOfARequestBrokeOff() async throws {
        try await TestOrigin.run { server in
            let request = server.sending(.post, body: .stream(TooSlow(), length: nil))
            _ = await server.listener.accept().receiveAll()
            #expect(await request.value.error == .requestBodyFailed(.tooSlow("256 bytes")))
        }
    }

    /// The server has no part in it, whose answer had begun well.
    @Test func saysSoWhenTheAnswerHadBegun() async throws {
        try await TestOrigin.run { server in
            let hasAnswer = Gate()
            let request = server.sending(.post, body: .stream(TooSlow(after: hasAnswer), length: nil))
            let peer = await server.listener.accept()
            _ = await peer.receive(until: "\r\n\r\n")
            await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbegun")
            await hasAnswer.open()
            let answer = try await request.value.get()
            #expect(answer.error == .requestBodyFailed(.tooSlow("256 bytes")))
        }
    }

    private final class TooSlow: ByteStream {
        private let gate: Gate?

        init(after gate: Gate? = nil) { self.gate = gate }

        func next() async throws -> [UInt8]? {
            await gate?.wait()
            throw HTTPBodyError.tooSlow("256 bytes")
        }

        func cancel() {}
    }

    @Test func takesNoMoreOfAStreamThanTheServerTakes() async throws {
        try await TestOrigin.run { server in
            let piece = String(repeating: "x", count: 65536)
            let stream = Pieces(Array(repeating: piece, count: 1000))
            let request = server.sending(.post, body: .stream(stream, length: 1000 * 65536))
            let peer = await server.listener.accept()
            let held = try await stream.taken.settled()
            #expect(held < 500)
            var received = 0
            while received < 1000 * 65536, let more = await peer.receiveBytes() { received += more.count }
            await peer.send(TestOrigin.ok)
            #expect(await request.content == "ok")
        }
    }

    @Test func sendsLargeBodiesWhole() async throws {
        try await TestOrigin.run { server in
            let content = Array("begin".utf8) + [UInt8](repeating: 0x61, count: 8_000_000) + Array("end".utf8)
            let request = server.sending(.put, body: .bytes(content))
            let peer = await server.listener.accept()
            let head = await peer.receive(count: "PUT / HTTP/1.1\r\nHost: \(server.origin.authority)\r\n".utf8.count)
            #expect(head.count > 0)
            let rest = await peer.receive(count: "Content-Length: 8000008\r\n\r\n".utf8.count + content.count)
            #expect(Array(rest.suffix(content.count)) == content)
            await peer.send(TestOrigin.ok)
            #expect(await request.content == "ok")
        }
    }

    @Test func cancelsAStreamThatCannotBeSent() async throws {
        try await TestOrigin.run { server in
            let stream = Pieces([])
            let origin = HTTPOrigin(scheme: .http, host: "127.0.0.1", port: 1)
            let error = await #expect(throws: HTTPTransportError.self) {
                try await server.client.send(
                    HTTPRequest(.post, "/", body: .stream(stream, length: nil)), to: origin, deadlines: server.deadlines
                )
            }
            guard case .connectFailed = error else {
                Issue.record("failed with \(String(describing: error))")
                return
            }
            #expect(stream.isCancelled.withLock { $0 })
        }
    }
}
