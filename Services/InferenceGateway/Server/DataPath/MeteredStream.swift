import HTTP
import InferenceGatewayCore
import Synchronization

/// An engine's answer on its way to the caller, watched for its end.
final class MeteredStream: ByteStream {
    private let source: any ByteStream
    private let exchange: Exchange
    private let responseBytes = Atomic<Int>(0)
    private let hasEnded = Atomic<Bool>(false)
    private let tail = Mutex(AnswerTail())

    init(_ source: any ByteStream, of exchange: Exchange) {
        self.source = source
        self.exchange = exchange
    }

    /// A stream that nobody read to its end was dropped together with its connection.
    deinit { end(.clientGone) }

    func next() async throws -> [UInt8]? {
        let piece: [UInt8]?
        do {
            piece = try await source.next()
        } catch {
            end(Task.isCancelled || error as? HTTPBodyError == .cancelled ? .clientGone : .upstreamBroke)
            throw error
        }
        if let piece {
            responseBytes.add(piece.count, ordering: .relaxed)
            if exchange.mayTellTokens { tail.withLock { $0.append(piece) } }
        } else {
            end(.complete)
        }
        return piece
    }

    func cancel() {
        end(.clientGone)
        source.cancel()
    }

    private func end(_ end: InstanceMeter.Outcome.End) {
        guard !hasEnded.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let tokens = exchange.mayTellTokens ? tail.withLock { $0.tokens } : nil
        exchange.end(end, responseBytes: responseBytes.load(ordering: .relaxed), tokens: tokens)
    }
}
