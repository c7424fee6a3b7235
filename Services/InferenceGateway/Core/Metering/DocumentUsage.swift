/// Finds the counts of a JSON document that passes in pieces, wherever they stand in it, and keeps nothing of the rest.
/// Only the document's own member `usage` counts, and not one of what is in it.
struct DocumentUsage: Sendable {
    /// Bytes of a document that are searched.
    static let maximumSearchedBytes = 16 << 20
    /// Of the object that holds the counts.
    private static let maximumCountsBytes = 4096
    private static let name = Array("usage".utf8)

    /// What the next byte may be a part of.
    private enum Place {
        case elsewhere
        /// A string of the document itself, of which so many bytes are those of the name; nil if it is another.
        case name(matched: Int?)
        case behindName
        case value
        case counts
    }

    private var place = Place.elsewhere
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var counts: [UInt8] = []
    private var searched = 0
    /// The last that were found.
    private(set) var tokens: TokenCounts?

    mutating func append(_ piece: [UInt8]) {
        guard searched < Self.maximumSearchedBytes else { return }
        searched += piece.count
        let bytes = piece.span
        var index = nextOfInterest(bytes, 0)
        while index < bytes.count {
            take(bytes[index])
            index = nextOfInterest(bytes, index + 1)
        }
    }

    /// Where the next byte stands that can change anything.
    private func nextOfInterest(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        guard case .elsewhere = place, !isEscaped else { return start }
        var index = start
        if isInString {
            while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\") {
                index += 1
            }
        } else {
            while index < bytes.count, bytes[index] != UInt8(ascii: "\""), !JSONWalk.isBracket(bytes[index]) {
                index += 1
            }
        }
        return index
    }

    private mutating func take(_ byte: UInt8) {
        if case .counts = place { keep(byte) }
        if isInString {
            takeInString(byte)
            return
        }
        if byte == UInt8(ascii: "\"") {
            isInString = true
            if depth == 1 { place = .name(matched: 0) }
        } else if JSONWalk.isOpening(byte) {
            if depth == 1 { open(with: byte) }
            depth += 1
        } else if JSONWalk.isClosing(byte) {
            depth -= 1
            if depth == 1 { close() }
        } else if depth == 1, byte == UInt8(ascii: ":"), case .behindName = place {
            place = .value
        } else if depth == 1, byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":") {
            place = .elsewhere
        }
    }

    private mutating func takeInString(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
            if case .name = place { place = .name(matched: nil) }
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
            if case .name(let matched) = place { place = matched == Self.name.count ? .behindName : .elsewhere }
        } else if case .name(let matched?) = place {
            let isNext = matched < Self.name.count && Self.name[matched] == byte
            place = .name(matched: isNext ? matched + 1 : nil)
        }
    }

    private mutating func open(with byte: UInt8) {
        guard case .value = place, byte == UInt8(ascii: "{") else {
            place = .elsewhere
            return
        }
        place = .counts
        counts = [byte]
    }

    private mutating func keep(_ byte: UInt8) {
        if counts.count < Self.maximumCountsBytes { counts.append(byte) } else { place = .elsewhere }
    }

    private mutating func close() {
        if case .counts = place { tokens = TokenUsageScanner.counts(in: counts.span) ?? tokens }
        place = .elsewhere
    }
}
