import HTTP
import Synchronization

/// A stream of OpenAI's events that ends with its connection. Whether it is whole, or its engine died, only its last
/// event tells: `[DONE]`.
final class DoneEventStream: ByteStream {
    /// The last event's text with the line ends behind it, at most.
    private static let tailBytes = 16

    private struct State {
        /// What came with the head.
        var beginning: [UInt8]
        var tail: [UInt8] = []
    }

    /// Nil if all of it came with the head.
    private let source: (any ByteStream)?
    private let state: Mutex<State>

    init(_ source: (any ByteStream)?, beginning: [UInt8] = []) {
        self.source = source
        state = Mutex(State(beginning: beginning))
    }

    func next() async throws -> [UInt8]? {
        let piece = if let beginning = takeBeginning() { beginning } else { try await source?.next() }
        let isWhole = state.withLock { state in
            guard let piece else { return state.tail.firstRange(of: "[DONE]".utf8) != nil }
            state.tail = Array((state.tail + piece.suffix(Self.tailBytes)).suffix(Self.tailBytes))
            return true
        }
        guard isWhole else { throw HTTPBodyError.incomplete("the connection ended before the last event") }
        return piece
    }

    func cancel() { source?.cancel() }

    private func takeBeginning() -> [UInt8]? {
        state.withLock { state in
            guard !state.beginning.isEmpty else { return nil }
            defer { state.beginning = [] }
            return state.beginning
        }
    }
}

extension HTTPBody {
    /// The body of a stream of events that ends with its connection, as one that knows whether it is whole.
    var endingWithDone: HTTPBody {
        switch self {
        case .empty: .stream(DoneEventStream(nil), length: nil)
        case .bytes(let bytes): .stream(DoneEventStream(nil, beginning: bytes), length: nil)
        case .stream(let stream, let length): .stream(DoneEventStream(stream), length: length)
        }
    }
}
