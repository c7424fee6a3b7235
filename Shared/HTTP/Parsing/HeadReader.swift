/// Reads the field lines of a head, line by line: what was read stays read when the rest has yet to come, so that a
/// head that comes one byte at a time costs no more than one that comes whole.
///
/// All offsets count from the first byte of the head.
struct HeadReader {
    private let limits: HTTPHeadLimits
    /// Where the first line that has not been read begins.
    private(set) var lineStart = 0
    /// The line at `lineStart` was read up to here, somewhere in its value, and was not complete.
    private var searched = 0
    private(set) var spans: [HTTPFields.Span] = []
    private(set) var facts: HeadFacts

    init(limits: HTTPHeadLimits, isRequest: Bool) {
        self.limits = limits
        facts = HeadFacts(isRequest: isRequest)
    }

    /// Hands the spans over, for whom they then are alone.
    mutating func takeSpans() -> [HTTPFields.Span] {
        var taken: [HTTPFields.Span] = []
        swap(&taken, &spans)
        return taken
    }

    mutating func finishLine(_ next: Int) { lineStart = next }

    /// Reads lines until the empty one.
    /// - Returns: whether that has come; then `lineStart` is where the body begins.
    mutating func readFields(_ bytes: Span<UInt8>) throws(HTTPParseError) -> Bool {
        if spans.isEmpty { spans.reserveCapacity(16) }
        while true {
            guard lineStart < bytes.count else { return false }
            if bytes[lineStart] == HTTPCharacters.carriageReturn {
                guard lineStart + 1 < bytes.count else { return false }
                guard bytes[lineStart + 1] == HTTPCharacters.lineFeed else { throw .malformed("malformed line end") }
                lineStart += 2
                if facts.hasNominations { try markNominated(bytes) }
                return true
            }
            guard mayHoldValue(bytes), try readField(bytes) else { return false }
        }
    }

    /// False if the line was incomplete before and only more of its value has come: it need not be read again.
    private mutating func mayHoldValue(_ bytes: Span<UInt8>) -> Bool {
        guard searched > lineStart else { return true }
        while searched < bytes.count {
            guard HTTPCharacters.isFieldValue(bytes[searched]) else { return true }
            searched += 1
        }
        return false
    }

    private mutating func readField(_ bytes: Span<UInt8>) throws(HTTPParseError) -> Bool {
        let count = bytes.count
        var index = HTTPCharacters.endOfToken(bytes, from: lineStart)
        guard index < count else { return false }
        let name = lineStart..<index
        guard bytes[index] == HTTPCharacters.colon, !name.isEmpty else { throw .malformed("malformed field name") }
        index += 1
        while index < count, HTTPCharacters.isBlank(bytes[index]) { index += 1 }
        let valueStart = index
        index = HTTPCharacters.endOfFieldValue(bytes, from: index)
        searched = index
        guard index < count else { return false }
        guard bytes[index] == HTTPCharacters.carriageReturn else { throw .malformed("malformed field value") }
        guard index + 1 < count else { return false }
        guard bytes[index + 1] == HTTPCharacters.lineFeed else { throw .malformed("malformed line end") }
        var valueEnd = index
        while valueEnd > valueStart, HTTPCharacters.isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
        lineStart = index + 2

        guard spans.count < limits.fieldCount else { throw HTTPParseError(431, "too many fields") }
        let isHopByHop = try facts.note(bytes, name: name, value: valueStart..<valueEnd)
        spans.append(
            HTTPFields.Span(
                nameStart: Int32(truncatingIfNeeded: name.lowerBound),
                nameEnd: Int32(truncatingIfNeeded: name.upperBound),
                valueStart: Int32(truncatingIfNeeded: valueStart), valueEnd: Int32(truncatingIfNeeded: valueEnd),
                isHopByHop: isHopByHop))
        return true
    }

    /// Marks the fields that `Connection` names. What frames the message is marked anyway.
    private mutating func markNominated(_ bytes: Span<UInt8>) throws(HTTPParseError) {
        var names: [Range<Int>] = []
        for span in spans where equals(bytes, Int(span.nameStart)..<Int(span.nameEnd), "connection") {
            try ListElements(Int(span.valueStart)..<Int(span.valueEnd)).forEach(bytes) {
                name throws(HTTPParseError) in
                guard names.count < limits.nominatedFieldCount else { throw .malformed("too many names in Connection") }
                names.append(name)
            }
        }
        for index in spans.indices where !spans[index].isHopByHop {
            let name = Int(spans[index].nameStart)..<Int(spans[index].nameEnd)
            if names.contains(where: { sameText(bytes, $0, name) }) { spans[index].isHopByHop = true }
        }
    }

    private func sameText(_ bytes: Span<UInt8>, _ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for (first, second) in zip(left, right) where lowercased(bytes[first]) != lowercased(bytes[second]) {
            return false
        }
        return true
    }
}
