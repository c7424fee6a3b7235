/// Finds how many tokens an answer cost while it passes in pieces, and keeps nothing of the rest.
///
/// The counts are the member `usage` of a JSON document, or of an event of a stream, or of the answer that an event
/// holds. What an answer brings back from its caller, such as tools, may have members of that name too: those count
/// for nothing. Where counts come more than once, the last ones are true.
public struct TokenUsage: Sendable {
    public enum Content: Sendable {
        case document
        /// An event a line: whatever a line leaves open ends with it.
        case events
    }

    /// Of an object with counts; what is longer is none.
    static let maximumCountsBytes = 4096

    private enum Name: String {
        case usage
        // What answers are called in the events that hold them: by OpenAI's responses, and by Anthropic's messages.
        case response
        case message

        init?(first byte: UInt8) {
            switch byte {
            case UInt8(ascii: "u"): self = .usage
            case UInt8(ascii: "r"): self = .response
            case UInt8(ascii: "m"): self = .message
            default: return nil
            }
        }
    }

    /// What the next byte may be a part of.
    private enum Place {
        case elsewhere
        /// At the first byte of a string that may be a name.
        case name
        /// In one, of which so many bytes were there.
        case inName(Name, Int)
        case behindName(Name)
        case value(Name)
        case counts
    }

    private let content: Content
    private var place = Place.elsewhere
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// Inside an answer that an event holds.
    private var isInAnswer = false
    /// Of counts that began in an earlier piece.
    private var begun: [UInt8] = []
    private var last = UsageObject()

    public init(in content: Content) { self.content = content }

    /// Nil if the engine has not said, or has said what cannot be.
    public var tokens: TokenCounts? { last.tokens }

    /// Takes an answer that is there as a whole.
    public mutating func append(whole answer: Span<UInt8>) {
        if content == .document, let counts = UsageName.counts(atEndOf: answer) {
            last = counts
        } else {
            append(answer)
        }
    }

    public mutating func append(_ piece: Span<UInt8>) {
        guard !isOfWholeLines(piece) || UsageName.isContained(in: piece) else { return }
        walk(piece)
    }

    /// Whether a piece begins and ends with lines, as those of most engines do: then nothing depends on what is in it
    /// but the counts.
    private func isOfWholeLines(_ piece: Span<UInt8>) -> Bool {
        content == .events && depth == 0 && !isInString && piece.count > 0
            && Self.isLineEnd(piece[piece.count - 1])
    }

    private mutating func walk(_ piece: Span<UInt8>) {
        var countsStart = 0
        var index = nextOfInterest(piece, 0)
        while index < piece.count {
            let byte = piece[index]
            if isInString {
                takeInString(byte)
            } else if JSONWalk.isOpening(byte) {
                if open(byte) { countsStart = index }
            } else if JSONWalk.isClosing(byte) {
                if close() { take(counts: piece.extracting(countsStart...index)) }
            } else {
                takeBetween(byte)
            }
            index = nextOfInterest(piece, index + 1)
        }
        if case .counts = place { keep(piece.extracting(countsStart..<piece.count)) }
    }

    /// Where the next byte stands that can change anything.
    private func nextOfInterest(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        guard !isEscaped else { return start }
        switch place {
        case .name, .inName, .behindName, .value: return start
        case .elsewhere, .counts: break
        }
        return isInString ? JSONWalk.nextInString(bytes, start) : JSONWalk.nextStructure(bytes, start)
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    /// Whether names count here: those of the document or event itself, and of the answer that it holds.
    private var isAtNames: Bool { depth == 1 || depth == 2 && isInAnswer }

    private mutating func takeInString(_ byte: UInt8) {
        if content == .events, Self.isLineEnd(byte) {
            endLine()
        } else if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
            leaveName()
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
            endString()
        } else {
            takeInName(byte)
        }
    }

    private mutating func endString() {
        if case .inName(let name, let count) = place, count == name.rawValue.utf8.count {
            place = .behindName(name)
        } else {
            leaveName()
        }
    }

    private mutating func takeInName(_ byte: UInt8) {
        switch place {
        case .name: place = Name(first: byte).map { .inName($0, 1) } ?? .elsewhere
        case .inName(let name, let count):
            let text = name.rawValue.utf8.span
            place = count < text.count && text[count] == byte ? .inName(name, count + 1) : .elsewhere
        case .elsewhere, .behindName, .value, .counts: break
        }
    }

    /// Counts go on behind a string of theirs.
    private mutating func leaveName() {
        if case .counts = place { return }
        place = .elsewhere
    }

    /// Whether counts begin here.
    private mutating func open(_ byte: UInt8) -> Bool {
        depth += 1
        guard case .value(let name) = place else { return false }
        place = .elsewhere
        guard byte == UInt8(ascii: "{") else { return false }
        switch name {
        case .usage:
            place = .counts
            begun = []
            return true
        case .response, .message:
            if content == .events, depth == 2 { isInAnswer = true }
            return false
        }
    }

    /// Whether counts end here.
    private mutating func close() -> Bool {
        depth = max(0, depth - 1)
        if depth == 1 { isInAnswer = false }
        guard case .counts = place else {
            place = .elsewhere
            return false
        }
        return depth == (isInAnswer ? 2 : 1)
    }

    private mutating func takeBetween(_ byte: UInt8) {
        if byte == UInt8(ascii: "\"") {
            isInString = true
            if isAtNames { place = .name }
        } else if byte == UInt8(ascii: ":") {
            if case .behindName(let name) = place { place = .value(name) }
        } else if byte == UInt8(ascii: ",") {
            leaveName()
        } else if content == .events, Self.isLineEnd(byte) {
            endLine()
        }
    }

    private mutating func endLine() {
        place = .elsewhere
        (depth, isInString, isEscaped, isInAnswer) = (0, false, false, false)
    }

    private mutating func keep(_ part: Span<UInt8>) {
        guard begun.count + part.count <= Self.maximumCountsBytes else {
            place = .elsewhere
            return
        }
        for index in 0..<part.count { begun.append(part[index]) }
    }

    private mutating func take(counts part: Span<UInt8>) {
        defer { place = .elsewhere }
        guard begun.count + part.count <= Self.maximumCountsBytes else { return }
        // As a rule they come in one piece.
        guard !begun.isEmpty else { return last.add(UsageObject(part)) }
        keep(part)
        last.add(UsageObject(begun.span))
    }
}
