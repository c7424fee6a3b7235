import HTTP
import JSON

/// Text that grows at its end, within a fixed number of bytes. Whoever appends sees to it that there is room.
///
/// What is written goes out eight bytes at a time, as words of which only the beginning may count.
struct TextBuffer {
    /// Behind the end, for the rest of a last word.
    private static let slackBytes = 8
    private static let zeros = [UInt8](repeating: 0, count: 1024)

    private var bytes: [UInt8]
    private(set) var count: Int

    init(capacity: Int) {
        bytes = Array(repeating: 0, count: capacity + Self.slackBytes)
        count = 0
    }

    /// Goes on behind what is there; `start` is empty until it gets it back from `finish()`.
    /// - Parameter room: bytes that are going to be appended at most.
    init(behind start: inout [UInt8], room: Int) {
        bytes = []
        swap(&bytes, &start)
        count = bytes.count
        let capacity = room + Self.slackBytes
        bytes.reserveCapacity(count + capacity)
        if capacity <= Self.zeros.count {
            bytes.append(contentsOf: Self.zeros[..<capacity])
        } else {
            bytes.append(contentsOf: repeatElement(0, count: capacity))
        }
    }

    var room: Int { bytes.count - Self.slackBytes - count }

    /// Hands over a copy of the text, and is empty then: its own bytes stay where they are, warm.
    mutating func take() -> [UInt8] {
        defer { count = 0 }
        return Array(bytes[..<count])
    }

    /// Hands over the text itself, and is of no more use then.
    mutating func finish() -> [UInt8] {
        bytes.removeLast(bytes.count - count)
        var text: [UInt8] = []
        swap(&text, &bytes)
        return text
    }

    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func append(_ literal: TextLiteral) {
        let end = count
        var span = bytes.mutableSpan
        var out = MutableRawSpan(_elements: &span)
        for index in 0..<(literal.count + 7) / 8 {
            out.storeBytes(of: literal.words[index].littleEndian, toByteOffset: end + 8 * index, as: UInt64.self)
        }
        count += literal.count
    }

    /// Bytes as they are.
    mutating func append(_ text: Span<UInt8>) {
        appendWords(of: text) { _ in true }
        count += text.count
    }

    /// Text as the inside of a JSON string.
    mutating func append(text: Span<UInt8>) {
        guard !appendWords(of: text, while: Self.isPlain) else {
            count += text.count
            return
        }
        let bytes = (0..<text.count).map { text[$0] }
        let escaped = JSONWriter.bytes(.string(String(decoding: bytes, as: UTF8.self)))
        for byte in escaped.dropFirst().dropLast() { append(byte) }
    }

    /// Writes text behind the end, without counting it, as long as all bytes of a word are wanted.
    /// - Returns: whether that was all of it.
    @inline(__always)
    @discardableResult
    private mutating func appendWords(of text: Span<UInt8>, while isWanted: (UInt64) -> Bool) -> Bool {
        let end = count
        var span = bytes.mutableSpan
        var out = MutableRawSpan(_elements: &span)
        var index = 0
        while index + 8 <= text.count {
            let word = text.littleEndianWord(at: index)
            guard isWanted(word) else { return false }
            out.storeBytes(of: word.littleEndian, toByteOffset: end + index, as: UInt64.self)
            index += 8
        }
        guard index < text.count else { return true }
        // Filled up with blanks, which are plain.
        var word: UInt64 = 0x2020_2020_2020_2020
        for rest in (index..<text.count).reversed() { word = word << 8 | UInt64(text[rest]) }
        guard isWanted(word) else { return false }
        out.storeBytes(of: word.littleEndian, toByteOffset: end + index, as: UInt64.self)
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

    /// A number of at least zero.
    mutating func append(decimal value: Int) {
        let (upper, rest) = value.magnitude.quotientAndRemainder(dividingBy: 100_000_000)
        guard upper == 0 else {
            append(decimal: Int(truncatingIfNeeded: upper))
            append(DecimalDigits.word(rest), count: 8)
            return
        }
        let digits = DecimalDigits.word(rest)
        // Zeros at the beginning; the last digit stays.
        let zeros = min((digits ^ DecimalDigits.zeros).trailingZeroBitCount / 8, 7)
        append(digits >> UInt64(8 * zeros), count: 8 - zeros)
    }

    /// The first bytes of a word, from its lowest place on.
    private mutating func append(_ word: UInt64, count added: Int) {
        let end = count
        var span = bytes.mutableSpan
        var out = MutableRawSpan(_elements: &span)
        out.storeBytes(of: word.littleEndian, toByteOffset: end, as: UInt64.self)
        count += added
    }

    /// A number below 1000, with leading zeros.
    mutating func append(threeDigits value: Int) {
        append(DecimalDigits.word(value.magnitude) >> 40, count: 3)
    }

    /// Sixteen digits.
    mutating func append(hexadecimal value: UInt64) {
        let (high, low) = HexadecimalDigits.words(value)
        let end = count
        var span = bytes.mutableSpan
        var out = MutableRawSpan(_elements: &span)
        out.storeBytes(of: high.littleEndian, toByteOffset: end, as: UInt64.self)
        out.storeBytes(of: low.littleEndian, toByteOffset: end + 8, as: UInt64.self)
        count += 16
    }
}
