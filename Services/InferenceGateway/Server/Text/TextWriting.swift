import HTTP
import JSON

/// Text is written at `end`, which goes on behind it.
///
/// It goes out eight bytes at a time or more, as words of which only the beginning may count: behind the text there
/// must be room for the rest.
extension MutableRawSpan {
    mutating func write(_ byte: UInt8, at end: inout Int) {
        storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    /// All of its words, of which only the beginning may count: that takes less than to go by its length.
    mutating func write(_ literal: TextLiteral, at end: inout Int) {
        storeBytes(of: literal.words, toByteOffset: end, as: TextLiteral.Words.self)
        end += literal.count
    }

    /// Bytes as they are.
    mutating func write(_ text: Span<UInt8>, at end: inout Int) {
        writeWords(of: text, at: end) { _ in true }
        end += text.count
    }

    /// Text as the inside of a JSON string.
    mutating func write(text: Span<UInt8>, at end: inout Int) {
        guard !writeWords(of: text, at: end, while: Self.isPlain) else {
            end += text.count
            return
        }
        let bytes = (0..<text.count).map { text[$0] }
        let escaped = JSONWriter.bytes(.string(String(decoding: bytes, as: UTF8.self)))
        for byte in escaped.dropFirst().dropLast() { write(byte, at: &end) }
    }

    /// A number of at least zero.
    mutating func write(decimal value: Int, at end: inout Int) {
        let (upper, rest) = value.magnitude.quotientAndRemainder(dividingBy: 100_000_000)
        guard upper == 0 else {
            write(decimal: Int(truncatingIfNeeded: upper), at: &end)
            write(DecimalDigits.word(rest), count: 8, at: &end)
            return
        }
        let digits = DecimalDigits.word(rest)
        // Zeros at the beginning; the last digit stays.
        let zeros = min((digits ^ DecimalDigits.zeros).trailingZeroBitCount / 8, 7)
        write(digits >> UInt64(8 * zeros), count: 8 - zeros, at: &end)
    }

    /// A number below 1000, with leading zeros.
    mutating func write(threeDigits value: Int, at end: inout Int) {
        write(DecimalDigits.word(value.magnitude) >> 40, count: 3, at: &end)
    }

    /// Sixteen digits.
    mutating func write(hexadecimal value: UInt64, at end: inout Int) {
        let (high, low) = HexadecimalDigits.words(value)
        write(high, count: 8, at: &end)
        write(low, count: 8, at: &end)
    }

    /// The first bytes of a word, from its lowest place on.
    private mutating func write(_ word: UInt64, count: Int, at end: inout Int) {
        storeBytes(of: word.littleEndian, toByteOffset: end, as: UInt64.self)
        end += count
    }

    /// Writes text as long as all bytes of a word are wanted.
    /// - Returns: whether that was all of it.
    @inline(__always)
    @discardableResult
    private mutating func writeWords(
        of text: Span<UInt8>, at start: Int, while isWanted: (UInt64) -> Bool
    ) -> Bool {
        var index = 0
        while index + 8 <= text.count {
            let word = text.littleEndianWord(at: index)
            guard isWanted(word) else { return false }
            storeBytes(of: word.littleEndian, toByteOffset: start + index, as: UInt64.self)
            index += 8
        }
        guard index < text.count else { return true }
        // Filled up with blanks, which are plain.
        var word: UInt64 = 0x2020_2020_2020_2020
        for rest in (index..<text.count).reversed() { word = word << 8 | UInt64(text[rest]) }
        guard isWanted(word) else { return false }
        storeBytes(of: word.littleEndian, toByteOffset: start + index, as: UInt64.self)
        return true
    }

    /// Whether eight bytes stand for themselves in JSON. Not those beyond ASCII, since text may be cut within a
    /// character.
    private static func isPlain(_ word: UInt64) -> Bool {
        let high: UInt64 = 0x8080_8080_8080_8080
        let one: UInt64 = 0x0101_0101_0101_0101
        // In each byte the high bit stays unless the byte is a control character, or the one that is looked for.
        let notControl = (word | high) &- 0x20 &* one
        let notDelete = ((word ^ 0x7F &* one) | high) &- one
        let notQuote = ((word ^ UInt64(UInt8(ascii: "\"")) &* one) | high) &- one
        let notBackslash = ((word ^ UInt64(UInt8(ascii: "\\")) &* one) | high) &- one
        return ~word & notControl & notDelete & notQuote & notBackslash & high == high
    }
}
