/// Steps over the bytes of a JSON text, without decoding it. Text that is no JSON is stepped over in some way or
/// refused, and never read beyond its end.
enum JSONWalk {
    /// The next byte that is no white space; `index` is behind it then.
    static func next(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt8? {
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
    static func skipString(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        while index < bytes.count {
            let byte = bytes[index]
            index += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return true }
        }
        return false
    }

    /// From behind the opening quote of a member's name to the begin of its value.
    /// - Returns: where the name begins; nil if there is no value.
    static func enterMember(_ bytes: Span<UInt8>, _ index: inout Int) -> Int? {
        let name = index
        guard skipString(bytes, &index), next(bytes, &index) == UInt8(ascii: ":"), next(bytes, &index) != nil else {
            return nil
        }
        index -= 1
        return name
    }

    /// To the comma or bracket behind the value.
    static func skipValue(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        var depth = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                index += 1
                guard skipString(bytes, &index) else { return false }
                continue
            }
            if isOpening(byte) {
                depth += 1
            } else if isClosing(byte) {
                if depth == 0 { return true }
                depth -= 1
            } else if byte == UInt8(ascii: ","), depth == 0 {
                return true
            }
            index += 1
        }
        return false
    }

    // A brace is the square bracket with one bit more.
    static func isOpening(_ byte: UInt8) -> Bool { byte | 0x20 == UInt8(ascii: "{") }
    static func isClosing(_ byte: UInt8) -> Bool { byte | 0x20 == UInt8(ascii: "}") }

    /// Where the next quote, bracket or control character stands, or a byte that is not told apart from those at once.
    @inline(__always)
    static func nextStructure(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        next(bytes, start) { word in
            // What is left of all brackets alike, and of a few letters.
            zeros(word ^ each(UInt8(ascii: "\""))) | zeros((word | each(0x26)) ^ each(0x7F)) | controls(word)
        }
    }

    /// Where the next quote, backslash or control character stands, or a byte that is not told apart from those.
    @inline(__always)
    static func nextInString(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        next(bytes, start) { word in
            zeros(word ^ each(UInt8(ascii: "\""))) | zeros(word ^ each(UInt8(ascii: "\\"))) | controls(word)
        }
    }

    /// Where the next byte stands that is among `wanted`, of which eight are looked at together.
    /// - Parameter wanted: of eight bytes, the first in the lowest place, sets the high bit of those that are.
    @inline(__always)
    private static func next(_ bytes: Span<UInt8>, _ start: Int, _ wanted: (UInt64) -> UInt64) -> Int {
        var index = start
        while index + 8 <= bytes.count {
            let found = wanted(word(bytes, index))
            guard found == 0 else { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        // Blanks behind the end are none of them.
        while index < bytes.count, wanted(UInt64(bytes[index]) | each(0x20) << 8) == 0 { index += 1 }
        return index
    }

    /// The compiler makes one load of it.
    @inline(__always)
    private static func word(_ bytes: Span<UInt8>, _ index: Int) -> UInt64 {
        let part = bytes.extracting(index..<index + 8)
        let low = UInt32(part[0]) | UInt32(part[1]) << 8 | UInt32(part[2]) << 16 | UInt32(part[3]) << 24
        let high = UInt32(part[4]) | UInt32(part[5]) << 8 | UInt32(part[6]) << 16 | UInt32(part[7]) << 24
        return UInt64(low) | UInt64(high) << 32
    }

    @inline(__always)
    private static func each(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The high bit of each byte that is zero.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 { ~(((word & each(0x7F)) &+ each(0x7F)) | word) & each(0x80) }

    /// The high bit of each byte from 8 to 15, of which line ends are two.
    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 { zeros((word | each(0x07)) ^ each(0x0F)) }

    static func isEqual(_ bytes: Span<UInt8>, _ start: Int, _ text: Span<UInt8>) -> Bool {
        guard start + text.count <= bytes.count else { return false }
        for index in 0..<text.count where bytes[start + index] != text[index] { return false }
        return true
    }
}
