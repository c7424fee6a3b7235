/// What is kept of an answer as it passes, for the counts of tokens in it.
///
/// Engines put them at the end, as a rule: there they are looked for first. In a JSON document there may be much behind
/// them, such as the probabilities of a prompt's tokens, so that of those the rest is searched too, before it is let
/// go. An answer that comes in one piece costs a reference; one in many pieces a copy of each, of which twice
/// `maximumBytes` are kept at most.
public struct AnswerTail: Sendable {
    /// Bytes in which counts are found in any case.
    public static let maximumBytes = 4096
    /// Bytes of a document that are searched beyond that.
    public static let maximumSearchedBytes = 16 << 20

    private let isDocument: Bool
    private var last: [UInt8] = []
    private var earlier: [UInt8] = []
    private var searched = 0
    /// In what was let go.
    private var found: TokenCounts?

    /// - Parameter isDocument: one JSON document, and not a stream of events.
    public init(ofDocument isDocument: Bool = false) { self.isDocument = isDocument }

    public mutating func append(_ piece: [UInt8]) {
        if isDocument, last.count > Self.maximumBytes || earlier.count + last.count > 2 * Self.maximumBytes { search() }
        if piece.count >= Self.maximumBytes, !isDocument {
            earlier = []
        } else if last.count > Self.maximumBytes {
            earlier = Array(last.suffix(Self.maximumBytes))
        } else if !last.isEmpty {
            earlier.append(contentsOf: last)
            if earlier.count > 2 * Self.maximumBytes { earlier.removeFirst(earlier.count - Self.maximumBytes) }
        }
        last = piece
    }

    /// Nil if the engine says nothing of them, or says it where they are not looked for.
    public var tokens: TokenCounts? { tokensAtTheEnd ?? found }

    /// Of an answer that is there as a whole.
    public static func tokens(in answer: [UInt8]) -> TokenCounts? {
        let start = max(0, answer.count - maximumBytes)
        if let tokens = TokenUsageScanner.tokens(in: answer.span.extracting(start..<answer.count)) { return tokens }
        guard start > 0, answer.count <= maximumSearchedBytes else { return nil }
        return TokenUsageScanner.tokens(ofDocument: answer.span)
    }

    private mutating func search() {
        guard searched <= Self.maximumSearchedBytes else { return }
        searched += last.count
        found = tokensAtTheEnd ?? found
    }

    /// In what is held: of a document all of it, of events the end.
    private var tokensAtTheEnd: TokenCounts? {
        let start = isDocument ? 0 : max(0, last.count - Self.maximumBytes)
        if let tokens = TokenUsageScanner.tokens(in: last.span.extracting(start..<last.count)) { return tokens }
        // They may lie in both.
        guard !earlier.isEmpty else { return nil }
        let seam = earlier + last.prefix(Self.maximumBytes)
        return TokenUsageScanner.tokens(in: seam.span)
    }
}
