import EventLoop
import HTTP
import Synchronization

/// The body of a response that did not come whole with its head. Dropping it unread ends the exchange.
final class ResponseBody: ByteStream {
    private let exchange: ExchangeReference
    private let isCancelled = Atomic(false)

    init(_ exchange: ExchangeReference) { self.exchange = exchange }

    deinit { if !isCancelled.load(ordering: .relaxed) { cancel() } }

    func next() async throws -> [UInt8]? {
        guard let connection = exchange.connection else { return nil }
        return try await connection.loop.run { loop in
            if isCancelled.load(ordering: .relaxed) { throw HTTPBodyError.cancelled }
            return try await connection.object(on: loop)?.nextPiece(exchange.number, on: loop)
        }
    }

    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
        exchange.drop()
    }
}
