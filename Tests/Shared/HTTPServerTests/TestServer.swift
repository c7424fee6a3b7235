import EventLoop
import HTTP
import HTTPClient
import HTTPServer
import TestSupport

/// A server for one test, and the loop that the test's own connections wait on.
struct TestServer: Sendable {
    let server: HTTPServer
    let address: SocketAddress
    private let peers: EventLoop

    func connect() -> TestPeer { TestPeer.connect(to: address, on: peers) }

    /// Sends `wire` on a connection of its own, and gives everything that comes until the server closes.
    func exchange(_ wire: String) async -> String {
        let peer = connect()
        await peer.send(wire)
        return await peer.receiveAll()
    }

    /// Asks on a connection that nobody has used before or will again.
    static func ask(_ origin: HTTPOrigin, _ group: EventLoopGroup) async throws(HTTPTransportError) {
        let response = try await KeepAliveClient(group: group).send(
            HTTPRequest(.get, "/"), to: origin, deadlines: HTTPDeadlines(connect: .milliseconds(500)))
        do { _ = try await response.body.collect(limitBytes: 16) } catch { throw .failed("\(error)") }
    }

    static func run(
        limits: HTTPServerLimits = HTTPServerLimits(), loops: Int = 1,
        _ respond: @escaping @Sendable (HTTPRequest) async -> HTTPResponse = { _ in HTTPResponse(.ok) },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await run(Responder(body: respond), limits: limits, loops: loops, body)
    }

    static func run(
        _ responder: any HTTPResponder, limits: HTTPServerLimits = HTTPServerLimits(), loops: Int = 1,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let group = EventLoopGroup(count: loops)
        let peers = EventLoopGroup(count: 1)
        let server = HTTPServer(responder: responder, limits: limits, group: group, timeOfDay: nil)
        let address = try await server.start(host: "127.0.0.1", port: 0)
        try await body(TestServer(server: server, address: address, peers: peers.next()))
        await server.drain(deadline: .zero)
        await group.shutdown()
        await peers.shutdown()
    }

    private struct Responder: HTTPResponder {
        let body: @Sendable (HTTPRequest) async -> HTTPResponse

        func respond(to request: HTTPRequest) async -> HTTPResponse { await body(request) }
    }
}

/// Pieces made on demand, so that a test can count how many were asked for.
final class Pieces: ByteStream {
    private let make: @Sendable () async throws -> [UInt8]?
    private let cancelled: @Sendable () -> Void

    init(make: @escaping @Sendable () async throws -> [UInt8]?, cancelled: @escaping @Sendable () -> Void = {}) {
        self.make = make
        self.cancelled = cancelled
    }

    func next() async throws -> [UInt8]? { try await make() }
    func cancel() { cancelled() }
}
