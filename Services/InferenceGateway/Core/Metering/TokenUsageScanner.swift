/// Finds the last `usage` object in the end of an answer, be it one JSON document or a stream of events, without
/// decoding the rest. `"usage"` with its quotes cannot be part of a JSON string: there the quotes are escaped.
enum TokenUsageScanner {
    /// Places where `"usage"` stands that are tried, from the end.
    private static let maximumTries = 4
    /// Digits of a count.
    private static let maximumDigits = 15

    static func tokens(in bytes: Span<UInt8>) -> TokenCounts? {
        let key = "\"usage\"".utf8.span
        var tries = 0
        var start = bytes.count - key.count
        while start >= 0, tries < maximumTries {
            if bytes[start] == UInt8(ascii: "\""), isEqual(bytes, start, key) {
                tries += 1
                if let tokens = object(bytes, after: start + key.count) { return tokens }
            }
            start -= step(bytes[start])
        }
        return nil
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

    private static func isEqual(_ bytes: Span<UInt8>, _ start: Int, _ text: Span<UInt8>) -> Bool {
        guard start + text.count <= bytes.count else { return false }
        for index in 0..<text.count where bytes[start + index] != text[index] { return false }
        return true
    }

    /// The counts of the object after the colon at `index`; nil if there is none, or if it is cut off.
    private static func object(_ bytes: Span<UInt8>, after index: Int) -> TokenCounts? {
        var index = index
        guard next(bytes, &index) == UInt8(ascii: ":"), next(bytes, &index) == UInt8(ascii: "{") else { return nil }
        var found: TokenCounts?
        while let byte = next(bytes, &index) {
            if byte == UInt8(ascii: "}") { return found }
            if byte == UInt8(ascii: ",") { continue }
            guard byte == UInt8(ascii: "\"") else { return nil }
            let name = index
            guard skipString(bytes, &index), next(bytes, &index) == UInt8(ascii: ":") else { return nil }
            guard let field = field(bytes, name) else {
                guard skipValue(bytes, &index) else { return nil }
                continue
            }
            guard let count = integer(bytes, &index) else { return nil }
            var tokens = found ?? TokenCounts()
            switch field {
            case .prompt: tokens.prompt = count
            case .completion: tokens.completion = count
            }
            found = tokens
        }
        return nil
    }

    private enum Field {
        case prompt, completion
    }

    private static func field(_ bytes: Span<UInt8>, _ start: Int) -> Field? {
        if isEqual(bytes, start, "prompt_tokens\"".utf8.span) { return .prompt }
        if isEqual(bytes, start, "completion_tokens\"".utf8.span) { return .completion }
        // As `/v1/responses` names them.
        if isEqual(bytes, start, "input_tokens\"".utf8.span) { return .prompt }
        if isEqual(bytes, start, "output_tokens\"".utf8.span) { return .completion }
        return nil
    }

    /// The next byte that is no white space; `index` is behind it then.
    private static func next(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt8? {
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            default: return byte
            }
        }
        return nil
    }

    /// From behind the opening quote to behind the closing one.
    private static func skipString(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        while index < bytes.count {
            let byte = bytes[index]
            index += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return true }
        }
        return false
    }

    /// To the comma or bracket behind the value.
    private static func skipValue(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        var depth = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                guard skipString(bytes, &index) else { return false }
                continue
            }
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                depth += 1
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                if depth == 0 { return true }
                depth -= 1
            } else if byte == UInt8(ascii: ","), depth == 0 {
                return true
            }
            index += 1
        }
        return false
    }

    /// A count, up to the comma or bracket behind it; 0 for null.
    private static func integer(_ bytes: Span<UInt8>, _ index: inout Int) -> Int64? {
        guard let first = next(bytes, &index) else { return nil }
        index -= 1
        if first == UInt8(ascii: "n") { return skipValue(bytes, &index) ? 0 : nil }
        var value: Int64 = 0
        let start = index
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
            guard index - start < maximumDigits else { return nil }
            value = value * 10 + Int64(bytes[index] - 0x30)
            index += 1
        }
        return index > start && index < bytes.count ? value : nil
    }
}
