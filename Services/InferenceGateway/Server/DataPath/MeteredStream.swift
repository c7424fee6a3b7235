import HTTP
import InferenceGatewayCore
import Synchronization

/// An engine's answer on its way to the caller, watched for its end.
final class MeteredStream: ByteStream {
    private let source: any ByteStream
    private let exchange: Exchange
    private let responseBytes = Atomic<Int>(0)
    private let hasEnded = Atomic<Bool>(false)
    private let tokenUsage: Mutex<TokenUsage?>
    private let lineEnds = Atomic<Int>(0)
    /// Nanoseconds from the request's arrival to the first piece of a stream of events; `noToken` until then.
    private let firstToken = Atomic<Int64>(noToken)

    private static let noToken: Int64 = -1

    init(_ source: any ByteStream, of exchange: Exchange) {
        self.source = source
        self.exchange = exchange
        tokenUsage = Mutex(exchange.tokenUsage)
    }

    /// A stream that nobody read to its end was dropped together with its connection.
    deinit { end(.clientGone) }

    func next() async throws -> [UInt8]? {
        let piece: [UInt8]?
        do {
            piece = try await source.next()
        } catch {
            end(Task.isCancelled ? .clientGone : InstanceMeter.Outcome.End(brokenBy: error as? HTTPBodyError))
            throw error
        }
        if let piece {
            let before = responseBytes.wrappingAdd(piece.count, ordering: .relaxed).oldValue
            if before == 0, !piece.isEmpty, exchange.form.content == .events {
                firstToken.store(exchange.elapsed(at: .now).nanoseconds, ordering: .relaxed)
            }
            if exchange.mustKnowTokens { lineEnds.add(Self.lineEnds(in: piece.span), ordering: .relaxed) }
            tokenUsage.withLock { $0?.append(piece.span) }
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
        let tokens = tokenUsage.withLock { $0?.tokens }
        let firstToken = firstToken.load(ordering: .relaxed)
        // An event ends with two of them, and brings a token.
        exchange.end(
            end, at: .now, responseBytes: responseBytes.load(ordering: .relaxed),
            firstToken: firstToken == Self.noToken ? nil : .nanoseconds(firstToken), tokens: tokens,
            guess: lineEnds.load(ordering: .relaxed) / 2)
    }

    private static func lineEnds(in bytes: Span<UInt8>) -> Int {
        var count = 0
        for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "\n") { count += 1 }
        return count
    }
}

extension InstanceMeter.Outcome.End {
    fileprivate init(brokenBy error: HTTPBodyError?) {
        switch error {
        case .requestBodyFailed, .cancelled: self = .clientGone
        case .incomplete, .tooLarge, .tooSlow, nil: self = .upstreamBroke
        }
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { Int64(clamping: max(0, attoseconds) / 1_000_000_000) }
}
