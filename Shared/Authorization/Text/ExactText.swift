/// A text that is equal to another only if its bytes are. Swift's strings are also equal to others that look alike.
struct ExactText: Hashable, Sendable {
    let string: String

    init(_ string: String) { self.string = string }

    static func == (left: Self, right: Self) -> Bool { left.string.hasSameBytes(as: right.string) }

    func hash(into hasher: inout Hasher) {
        let bytes = string.utf8.span
        var index = 0
        while index + 8 <= bytes.count {
            var word: UInt64 = 0
            for offset in 0..<8 { word = word << 8 | UInt64(bytes[index + offset]) }
            hasher.combine(word)
            index += 8
        }
        var rest = UInt64(bytes.count)
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        hasher.combine(rest)
    }
}

extension String {
    func hasSameBytes(as other: String) -> Bool {
        let (left, right) = (utf8.span, other.utf8.span)
        guard left.count == right.count else { return false }
        for index in 0..<left.count where left[index] != right[index] { return false }
        return true
    }

    /// In the order of their scalars.
    func precedes(_ other: String) -> Bool { unicodeScalars.lexicographicallyPrecedes(other.unicodeScalars) }

    func startsWithBytes(of prefix: String) -> Bool {
        let (text, prefix) = (utf8.span, prefix.utf8.span)
        guard text.count >= prefix.count else { return false }
        for index in 0..<prefix.count where text[index] != prefix[index] { return false }
        return true
    }

    /// Whether `part` is somewhere in it, byte by byte.
    func holds(_ part: String) -> Bool {
        let (whole, part) = (utf8.span, part.utf8.span)
        guard part.count <= whole.count else { return false }
        starts: for start in 0...(whole.count - part.count) {
            for index in 0..<part.count where whole[start + index] != part[index] { continue starts }
            return true
        }
        return false
    }
}
