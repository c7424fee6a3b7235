import EventLoop
import HTTP
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// Answers that need no task.
@Suite(.timeLimit(.minutes(1))) struct LoopResponderTests {
    /// `/wait` is answered with the next `/now`, `/task` by a task, `/stream` in pieces.
    private final class Responder: LoopResponder {
        let waits = Gate()
        let isGone = Gate()
        private let waiting = LoopLocal<Waiting>()

        func begin(_ request: consuming HTTPRequest, _ reply: Reply, on loop: isolated EventLoop) {
            switch request.target {
            case "/wait":
                let waiting = waiting.object(on: loop) { Waiting(reply, isGone) }
                reply.wait(waiting)
                Task { await waits.open() }
            case "/task": reply.send(on: loop) { HTTPResponse(.ok, body: HTTPBody("by a task")) }
            case "/stream":
                reply.send(HTTPResponse(.ok, body: .stream(OnePiece("in pieces"), length: nil)), on: loop)
            default:
                waiting.existing(on: loop)?.reply.send(HTTPResponse(.ok, body: HTTPBody("later")), on: loop)
                waiting.release(on: loop)
                reply.send(HTTPResponse(.ok, body: HTTPBody("now")), on: loop)
            }
        }

        func respond(to request: consuming HTTPRequest) async -> HTTPResponse { HTTPResponse(.internalServerError) }
    }

    private final class Waiting: PendingAnswer {
        let reply: Reply
        private let isGone: Gate

        init(_ reply: Reply, _ isGone: Gate) {
            self.reply = reply
            self.isGone = isGone
        }

        func clientHasGone(on loop: isolated EventLoop) {
            let isGone = isGone
            Task { await isGone.open() }
        }
    }

    private actor OnePiece: ByteStream {
        private var piece: [UInt8]?

        init(_ text: String) { piece = Array(text.utf8) }

        func next() async throws -> [UInt8]? { piece.take() }

        nonisolated func cancel() {}
    }

    private static func request(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n" }

    @Test func sendAtOnceLaterOrWithATask() async throws {
        let responder = Responder()
        try await TestServer.run(responder) { server in
            let first = server.connect()
            await first.send(Self.request("/wait"))
            await responder.waits.wait()
            let second = server.connect()
            await second.send(Self.request("/now"))
            #expect(await second.receive(until: "now").hasSuffix("\r\n\r\nnow"))
            #expect(await first.receive(until: "later").hasSuffix("\r\n\r\nlater"))
            for (target, answer) in [("/task", "by a task"), ("/stream", "0\r\n\r\n"), ("/now", "now")] {
                await first.send(Self.request(target))
                #expect(await first.receive(until: answer).hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test func areGivenInTurnToRequestsThatCameTogether() async throws {
        try await TestServer.run(Responder()) { server in
            let peer = server.connect()
            await peer.send(["/now", "/task", "/stream", "/now"].map(Self.request).joined())
            let answers = await peer.receive(until: "0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnow")
            let places = ["now", "by a task", "in pieces", "0\r\n\r\n"].map { answers.firstRange(of: $0)?.lowerBound }
            #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
            #expect(!places.contains(nil))
        }
    }

    /// Who has many answered at once must not keep the loop from others.
    @Test func letOthersHaveTheirTurnBetweenRequestsThatCameTogether() async throws {
        let responder = Counting()
        try await TestServer.run(responder) { server in
            let peer = server.connect()
            // In one piece: one that comes later may begin in the same turn as the last before it.
            let last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            await peer.send(String(repeating: Self.request("/"), count: 100) + last)
            let answers = await peer.receiveAll()
            #expect(answers.ranges(of: "HTTP/1.1 200 OK").count == 101)
            #expect(responder.turns.load(ordering: .relaxed) == 101)
        }
    }

    /// Counts the turns in which requests begin.
    private final class Counting: LoopResponder {
        let turns = Atomic<Int>(0)
        private let turn = LoopLocal<Turn>()

        private final class Turn: SignalHandler {
            private let signal = LoopSignal()
            private var isNew = true

            /// - Returns: whether it is the first since whoever waited had a turn.
            func begins(on loop: isolated EventLoop) -> Bool {
                guard isNew else { return false }
                isNew = false
                signal.notify(self, on: loop)
                signal.fire()
                return true
            }

            func signalled(on loop: isolated EventLoop) { isNew = true }
        }

        func begin(_ request: consuming HTTPRequest, _ reply: Reply, on loop: isolated EventLoop) {
            if turn.object(on: loop, make: { Turn() }).begins(on: loop) { turns.add(1, ordering: .relaxed) }
            reply.send(HTTPResponse(.ok), on: loop)
        }

        func respond(to request: consuming HTTPRequest) async -> HTTPResponse { HTTPResponse(.internalServerError) }
    }

    @Test func areGivenUpWhenTheClientHasGone() async throws {
        let responder = Responder()
        try await TestServer.run(responder) { server in
            let peer = server.connect()
            await peer.send(Self.request("/wait"))
            await responder.waits.wait()
            peer.hangUp()
            await responder.isGone.wait()
            // Answers the one that has gone as well.
            let next = server.connect()
            await next.send(Self.request("/now"))
            #expect(await next.receive(until: "now").hasSuffix("now"))
        }
    }

    @Test func endADrainWhenTheyHaveGone() async throws {
        let responder = Responder()
        try await TestServer.run(responder) { server in
            let peer = server.connect()
            await peer.send(Self.request("/wait"))
            await responder.waits.wait()
            async let drained: Void = server.server.drain(deadline: .seconds(50))
            peer.hangUp()
            await drained
        }
    }
}
