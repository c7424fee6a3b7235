import HTTP
import Synchronization
import TestSupport

/// Gives one prepared answer to everything, and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    enum Answer: Sendable {
        case response(HTTPResponse)
        case failure(HTTPTransportError)
        /// None, until the call is cancelled.
        case silence
    }

    private let answer: Answer
    private let received = Mutex<[HTTPRequest]>([])

    init(_ answer: Answer) { self.answer = answer }

    convenience init(_ name: String) throws {
        self.init(.response(try RecordedExchange.named(name).response))
    }

    var requests: [HTTPRequest] { received.withLock { $0 } }

    func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        received.withLock { $0.append(request) }
        switch answer {
        case .response(let response): return response
        case .failure(let error): throw error
        case .silence:
            await SilentStream().untilCancelled()
            throw .cancelled
        }
    }
}

/// A body of which nothing ever comes.
final class SilentStream: ByteStream {
    func next() async throws -> [UInt8]? {
        await untilCancelled()
        throw HTTPBodyError.cancelled
    }

    func cancel() {}

    func untilCancelled() async {
        let (stream, _) = AsyncStream<Never>.makeStream()
        for await _ in stream {}
    }
}

/// A body in given pieces.
final class PieceStream: ByteStream {
    private let pieces: Mutex<[[UInt8]]>

    init(_ pieces: [String]) { self.pieces = Mutex(pieces.map { Array($0.utf8) }) }

    func next() async throws -> [UInt8]? {
        pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    func cancel() { pieces.withLock { $0 = [] } }
}
