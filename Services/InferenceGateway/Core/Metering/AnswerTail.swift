/// What is kept of an answer as it passes, for the counts of tokens in it.
///
/// In a stream of events they come at the end, and are looked for there: one in many pieces costs a copy of each, of
/// which twice `maximumBytes` are kept at most. In a JSON document there may be much behind them, such as the
/// probabilities of a prompt's tokens, so that one that does not come at once is searched as it passes.
public struct AnswerTail: Sendable {
    /// Bytes in which counts are found in any case.
    public static let maximumBytes = 4096

    private var document: DocumentUsage?
    private var last: [UInt8] = []
    private var earlier: [UInt8] = []

    /// - Parameter isDocument: one JSON document, and not a stream of events.
    public init(ofDocument isDocument: Bool) { document = isDocument ? DocumentUsage() : nil }

    public mutating func append(_ piece: [UInt8]) {
        guard document == nil else {
            document?.append(piece)
            return
        }
        if piece.count >= Self.maximumBytes {
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
    public var tokens: TokenCounts? {
        if let document { return document.tokens }
        let start = max(0, last.count - Self.maximumBytes)
        if let tokens = TokenUsageScanner.tokens(in: last.span.extracting(start..<last.count), of: .event) {
            return tokens
        }
        // They may lie in both.
        guard !earlier.isEmpty else { return nil }
        let seam = earlier + last.prefix(Self.maximumBytes)
        return TokenUsageScanner.tokens(in: seam.span, of: .event)
    }

    /// Of an answer that is there as a whole.
    public static func tokens(in answer: [UInt8], ofDocument isDocument: Bool) -> TokenCounts? {
        let end = answer.span.extracting(max(0, answer.count - maximumBytes)..<answer.count)
        guard isDocument else { return TokenUsageScanner.tokens(in: end, of: .event) }
        if let tokens = TokenUsageScanner.tokens(in: end, of: .document) { return tokens }
        var document = DocumentUsage()
        document.append(answer)
        return document.tokens
    }
}
