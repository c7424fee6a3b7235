/// Finds the `usage` object of an answer, be it one JSON document or a stream of events, without decoding the rest.
/// `"usage"` with its quotes cannot be part of a JSON string: there the quotes are escaped.
enum TokenUsageScanner {
    /// What an answer is made of. The counts stand in it, and not in what it brings back from the caller.
    enum Unit {
        case document
        case event

        /// How many objects the counts may stand in: an event may hold the whole answer as a member.
        fileprivate var depths: ClosedRange<Int> {
            switch self {
            case .document: 1...1
            case .event: 1...2
            }
        }
    }

    /// Members of this name that are tried, from the end.
    private static let maximumTries = 64

    /// Those of the last one.
    /// - Parameter bytes: up to the end of a document or of an event.
    static func tokens(in bytes: Span<UInt8>, of unit: Unit) -> TokenCounts? {
        let key = "\"usage\"".utf8.span
        var tries = 0
        var start = bytes.count - key.count
        while start >= 0, tries < maximumTries {
            if bytes[start] == UInt8(ascii: "\""), JSONWalk.isEqual(bytes, start, key), !isEscaped(bytes, start) {
                var index = start + key.count
                // A word of a prompt can be the value of another member.
                if JSONWalk.next(bytes, &index) == UInt8(ascii: ":") {
                    tries += 1
                    if let tokens = object(bytes, &index), unit.depths.contains(depth(bytes, index, in: unit)) {
                        return tokens
                    }
                }
            }
            start -= step(bytes[start])
        }
        return nil
    }

    /// Whether the byte there stands behind a backslash: no string begins so.
    private static func isEscaped(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
        index > 0 && bytes[index - 1] == UInt8(ascii: "\\")
    }

    /// How many objects and arrays are closed behind `index` that were opened before it.
    private static func depth(_ bytes: Span<UInt8>, _ index: Int, in unit: Unit) -> Int {
        var index = index
        var closed = 0
        var open = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                guard JSONWalk.skipString(bytes, &index) else { return closed }
            } else if JSONWalk.isOpening(byte) {
                open += 1
            } else if JSONWalk.isClosing(byte) {
                if open > 0 { open -= 1 } else { closed += 1 }
            } else if unit == .event, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                return closed
            }
        }
        return closed
    }

    /// How far to the left the key can begin at the earliest, if it does not begin at this byte: where the byte stands
    /// in the key. Most bytes are not in it, so most of the text is never looked at.
    private static func step(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "u"): 1
        case UInt8(ascii: "s"): 2
        case UInt8(ascii: "a"): 3
        case UInt8(ascii: "g"): 4
        case UInt8(ascii: "e"): 5
        case UInt8(ascii: "\""): 6
        default: 7
        }
    }

    /// Those of the object that `bytes` begin with.
    static func counts(in bytes: Span<UInt8>) -> TokenCounts? {
        var index = 0
        return object(bytes, &index)
    }

    /// The counts of the object at `index`, white space aside; nil if there is none, or if it is cut off. `index` is
    /// behind it then.
    private static func object(_ bytes: Span<UInt8>, _ index: inout Int) -> TokenCounts? {
        guard JSONWalk.next(bytes, &index) == UInt8(ascii: "{") else { return nil }
        var prompt: Int64?
        var completion: Int64?
        while let byte = JSONWalk.next(bytes, &index) {
            if byte == UInt8(ascii: "}") {
                guard prompt != nil || completion != nil else { return nil }
                return TokenCounts(prompt: prompt ?? 0, completion: completion ?? 0)
            }
            if byte == UInt8(ascii: ",") { continue }
            guard byte == UInt8(ascii: "\"") else { return nil }
            let start = index
            guard JSONWalk.skipString(bytes, &index) else { return nil }
            let name = start..<index - 1
            guard JSONWalk.next(bytes, &index) == UInt8(ascii: ":") else { return nil }
            guard let field = field(bytes, name) else {
                guard JSONWalk.skipValue(bytes, &index) else { return nil }
                continue
            }
            guard let count = integer(bytes, &index) else { return nil }
            switch field {
            case .prompt: prompt = count
            case .completion: completion = count
            }
        }
        return nil
    }

    private enum Field {
        case prompt, completion
    }

    private static func field(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Field? {
        // Input and output are what `/v1/responses` calls them.
        switch name.count {
        case 12: JSONWalk.isEqual(bytes, name.lowerBound, "input_tokens".utf8.span) ? .prompt : nil
        case 13:
            if JSONWalk.isEqual(bytes, name.lowerBound, "prompt_tokens".utf8.span) {
                .prompt
            } else {
                JSONWalk.isEqual(bytes, name.lowerBound, "output_tokens".utf8.span) ? .completion : nil
            }
        case 17: JSONWalk.isEqual(bytes, name.lowerBound, "completion_tokens".utf8.span) ? .completion : nil
        default: nil
        }
    }

    /// A count, up to the comma or bracket behind it; 0 for null, nil for what is none or too large to be one.
    private static func integer(_ bytes: Span<UInt8>, _ index: inout Int) -> Int64? {
        guard let first = JSONWalk.next(bytes, &index) else { return nil }
        index -= 1
        if first == UInt8(ascii: "n") { return JSONWalk.skipValue(bytes, &index) ? 0 : nil }
        var value: Int64 = 0
        let start = index
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
            value = value * 10 + Int64(bytes[index] - 0x30)
            guard value <= TokenCounts.maximum else { return nil }
            index += 1
        }
        return index > start && index < bytes.count ? value : nil
    }
}
