import HTTP
import Synchronization

/// A transport without a network: `answer` stands for whoever is at the other end.
final class FakeTransport: HTTPTransport {
    typealias Answer = @Sendable (HTTPRequest, HTTPOrigin) async throws(HTTPTransportError) -> HTTPResponse

    private let answer: Answer
    private let sent = Mutex<[(request: HTTPRequest, origin: HTTPOrigin)]>([])

    init(_ answer: @escaping Answer) { self.answer = answer }

    var requests: [(request: HTTPRequest, origin: HTTPOrigin)] { sent.withLock { $0 } }

    func send(
        _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
    ) async throws(HTTPTransportError) -> HTTPResponse {
        sent.withLock { $0.append((request, origin)) }
        return try await answer(request, origin)
    }
}

/// A body in given pieces, which remembers whether it was given up.
final class PieceStream: ByteStream {
    private struct State {
        var pieces: ArraySlice<[UInt8]>
        var isCancelled = false
        var taken = 0
    }

    private let state: Mutex<State>
    private let failure: HTTPBodyError?

    init(_ pieces: [String], failure: HTTPBodyError? = nil) {
        state = Mutex(State(pieces: pieces.map { Array($0.utf8) }[...]))
        self.failure = failure
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    var taken: Int { state.withLock { $0.taken } }

    func next() async throws -> [UInt8]? {
        let piece = state.withLock { state in
            state.taken += 1
            return state.pieces.popFirst()
        }
        if piece == nil, let failure { throw failure }
        return piece
    }

    func cancel() { state.withLock { $0.isCancelled = true } }
}
