import EventLoop
import HTTP
import Synchronization

/// The body of a response that did not come whole with its head. Dropping it unread ends the exchange.
final class ResponseBody: ByteStream {
    private let connection: LoopReference<ClientConnection>
    private let number: UInt64
    private let isCancelled = Atomic(false)

    init(connection: LoopReference<ClientConnection>, number: UInt64) {
        self.connection = connection
        self.number = number
    }

    deinit { if !isCancelled.load(ordering: .relaxed) { cancel() } }

    func next() async throws -> [UInt8]? {
        try await connection.loop.run { loop in
            if isCancelled.load(ordering: .relaxed) { throw HTTPBodyError.cancelled }
            return try await connection.object(on: loop)?.nextPiece(number, on: loop)
        }
    }

    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
        connection.perform { [number] connection, loop in connection.drop(number, on: loop) }
    }
}
