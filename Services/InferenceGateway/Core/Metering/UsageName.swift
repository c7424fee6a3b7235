/// Finds the name `usage` in a JSON text without walking it: the quick part of finding an answer's counts.
///
/// With its quotes it cannot be part of a JSON string: there the quotes are escaped.
enum UsageName {
    /// Bytes at the end of a document that are searched, and how many such names in them are tried.
    private static let searchedBytes = 4096
    private static let maximumTries = 64

    /// Whether it is anywhere.
    static func isContained(in bytes: Span<UInt8>) -> Bool { last(in: bytes, before: bytes.count) != nil }

    /// The counts of a whole document, if they stand near its end, as they do as a rule.
    static func counts(atEndOf document: Span<UInt8>) -> UsageObject? {
        let bytes = document.extracting(last: searchedBytes)
        var start = bytes.count
        for _ in 0..<maximumTries {
            guard let found = last(in: bytes, before: start) else { return nil }
            start = found
            var index = start + count
            // A word of a prompt can be the value of another member.
            guard JSONWalk.next(bytes, &index) == UInt8(ascii: ":") else { continue }
            let usage = UsageObject(bytes, &index)
            if usage.tokens != nil, depth(bytes, behind: index) == 1 { return usage }
        }
        return nil
    }

    private static let count = 7

    /// Where the last one begins that ends before `end`. Most bytes are not in the name, so that most of the text is
    /// never looked at.
    private static func last(in bytes: Span<UInt8>, before end: Int) -> Int? {
        let name = "\"usage\"".utf8.span
        var start = end - count
        while start >= 0 {
            let byte = bytes[start]
            if byte == UInt8(ascii: "\""), JSONWalk.isEqual(bytes, start, name), !isEscaped(bytes, start) {
                return start
            }
            start -= step(byte)
        }
        return nil
    }

    /// How far to the left the name can begin at the earliest, if it does not begin at this byte: where the byte stands
    /// in the name.
    private static func step(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "u"): 1
        case UInt8(ascii: "s"): 2
        case UInt8(ascii: "a"): 3
        case UInt8(ascii: "g"): 4
        case UInt8(ascii: "e"): 5
        case UInt8(ascii: "\""): 6
        default: count
        }
    }

    /// Whether the byte there stands behind a backslash: no string begins so.
    private static func isEscaped(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
        index > 0 && bytes[index - 1] == UInt8(ascii: "\\")
    }

    /// How many objects and arrays are closed behind `index` that were opened before it.
    private static func depth(_ bytes: Span<UInt8>, behind index: Int) -> Int {
        var index = JSONWalk.nextStructure(bytes, index)
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
            }
            index = JSONWalk.nextStructure(bytes, index)
        }
        return closed
    }
}
