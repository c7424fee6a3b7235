/// The end of an answer as it passes, for the counts of tokens that engines put there.
///
/// An answer that comes in one piece costs a reference; one in many pieces a copy of each, of which twice
/// `maximumBytes` are kept at most.
public struct AnswerTail: Sendable {
    /// Bytes in which counts are found.
    public static let maximumBytes = 4096

    private var last: [UInt8] = []
    private var earlier: [UInt8] = []

    public init() {}

    public mutating func append(_ piece: [UInt8]) {
        if piece.count >= Self.maximumBytes {
            earlier = []
        } else if !last.isEmpty {
            earlier.append(contentsOf: last.suffix(Self.maximumBytes))
            if earlier.count > 2 * Self.maximumBytes { earlier.removeFirst(earlier.count - Self.maximumBytes) }
        }
        last = piece
    }

    /// Nil if the engine says nothing of them, or says it elsewhere than at the end.
    public var tokens: TokenCounts? {
        if earlier.isEmpty { return Self.tokens(in: last) }
        return Self.tokens(in: earlier + last)
    }

    /// Of an answer that is there as a whole.
    public static func tokens(in answer: [UInt8]) -> TokenCounts? {
        let start = max(0, answer.count - maximumBytes)
        return TokenUsageScanner.tokens(in: answer.span.extracting(start..<answer.count))
    }
}
