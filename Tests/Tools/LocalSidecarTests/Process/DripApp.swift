import EventLoop
import HTTP
import HTTPServer
import Synchronization

/// An app that answers with a stream whose pieces the test gives.
final class DripApp: HTTPResponder {
    private let (pieces, continuation) = AsyncStream<[UInt8]>.makeStream()
    private let server = Mutex<HTTPServer?>(nil)

    func start(on loops: EventLoopGroup) async throws -> SocketAddress {
        let server = HTTPServer(responder: self, group: loops)
        self.server.withLock { $0 = server }
        return try await server.start(host: "127.0.0.1", port: 0)
    }

    func stop() async { await server.withLock { $0 }?.drain(deadline: .seconds(1)) }

    func send(_ piece: String) { continuation.yield(Array(piece.utf8)) }

    func finish() { continuation.finish() }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard request.target == "/drip" else { return HTTPResponse(.notFound) }
        return HTTPResponse(.ok, body: .stream(Drip(pieces: pieces), length: nil))
    }

    private final class Drip: ByteStream {
        private let pieces: AsyncStream<[UInt8]>

        init(pieces: AsyncStream<[UInt8]>) { self.pieces = pieces }

        func next() async throws -> [UInt8]? {
            for await piece in pieces { return piece }
            return nil
        }

        func cancel() {}
    }
}
