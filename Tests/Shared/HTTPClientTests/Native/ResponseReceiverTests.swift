import EventLoop
import HTTP
import HTTPClient
import Synchronization
import TestSupport
import Testing

/// Exchanges that nobody's task waits for.
@Suite(.timeLimit(.minutes(1))) struct ResponseReceiverTests {
    private enum Outcome: Hashable {
        case response(HTTPStatus, [UInt8]?)
        case failed(HTTPTransportError, mayRepeat: Bool)
    }

    private final class Receiver: ResponseReceiver, Sendable {
        private let told = Gate()
        private let outcomes = Mutex<[Outcome]>([])

        func received(_ response: consuming HTTPResponse, on loop: isolated EventLoop) {
            let content: [UInt8]? = if case .bytes(let bytes) = response.body { bytes } else { nil }
            note(.response(response.status, content))
        }

        func failed(_ failure: ExchangeFailure, on loop: isolated EventLoop) {
            note(.failed(failure.error, mayRepeat: failure.mayRepeat))
        }

        private func note(_ outcome: Outcome) {
            outcomes.withLock { $0.append(outcome) }
            Task { await told.open() }
        }

        var all: [Outcome] { outcomes.withLock { $0 } }

        /// The only one, once it is there.
        var outcome: Outcome? {
            get async {
                await told.wait()
                return all.count == 1 ? all.first : nil
            }
        }
    }

    private func begin(
        _ server: TestOrigin, _ receiver: Receiver, _ method: HTTPMethod = .get, target: String = "/"
    ) async -> ExchangeReference? {
        await server.loop.run { loop in
            let exchange = server.client.begin(
                HTTPRequest(method, target), to: server.origin, deadlines: server.deadlines, receiver, on: loop)
            #expect(receiver.all.isEmpty)
            return exchange
        }
    }

    @Test func needAConnectionThatLiesIdle() async throws {
        try await TestOrigin.run { server in
            let receiver = Receiver()
            #expect(await begin(server, receiver) == nil)
            let peer = try await server.warm()
            #expect(await begin(server, receiver, target: "/two words") == nil)
            #expect(await begin(server, receiver) != nil)
            // It is in use.
            #expect(await begin(server, receiver) == nil)
            _ = await server.answer(peer)
            #expect(await receiver.outcome == .response(.ok, Array("ok".utf8)))
            #expect(server.listener.isQuiet)
        }
    }

    @Test func giveTheBodyAsAStreamIfItIsNotThere() async throws {
        try await TestOrigin.run { server in
            let peer = try await server.warm()
            let receiver = Receiver()
            _ = await begin(server, receiver)
            _ = await server.answer(peer, with: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            #expect(await receiver.outcome == .response(.ok, nil))
        }
    }

    /// The server has not answered, and had acted on nothing if the method is idempotent.
    @Test(arguments: [(HTTPMethod.get, true), (.post, false)])
    func tellWhetherAnotherConnectionMayHelp(_ method: HTTPMethod, mayRepeat: Bool) async throws {
        try await TestOrigin.run { server in
            let peer = try await server.warm()
            let receiver = Receiver()
            _ = await begin(server, receiver, method)
            _ = await peer.receive(until: "\r\n\r\n")
            peer.hangUp()
            #expect(
                await receiver.outcome == .failed(.failed("the server closed the connection"), mayRepeat: mayRepeat))
        }
    }

    @Test func areInterruptedAtOnce() async throws {
        try await TestOrigin.run { server in
            let peer = try await server.warm()
            let receiver = Receiver()
            let exchange = try #require(await begin(server, receiver))
            _ = await peer.receive(until: "\r\n\r\n")
            await server.loop.run { loop in
                exchange.interrupt(on: loop)
                #expect(receiver.all == [.failed(.cancelled, mayRepeat: false)])
                exchange.interrupt(on: loop)
            }
            #expect(await peer.receive() == nil)
            #expect(await receiver.outcome != nil)
        }
    }

    @Test func followOneAnotherOnOneConnection() async throws {
        try await TestOrigin.run { server in
            let peer = try await server.warm()
            for number in 0..<3 {
                let receiver = Receiver()
                let exchange = try #require(await begin(server, receiver))
                _ = await server.answer(peer, with: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(number)")
                #expect(await receiver.outcome == .response(.ok, Array("\(number)".utf8)))
                // It is over, and the connection may be another's.
                await server.loop.run { loop in exchange.interrupt(on: loop) }
            }
            #expect(server.listener.isQuiet)
        }
    }
}
