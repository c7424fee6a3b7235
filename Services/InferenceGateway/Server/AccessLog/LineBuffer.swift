import JSON

/// Text that grows at its end, within a fixed number of bytes. Whoever appends sees to it that there is room.
struct LineBuffer {
    /// Behind the end, where a word may be written of which only the beginning counts.
    private static let slackBytes = 8

    private var bytes: [UInt8]
    private(set) var count = 0

    init(capacity: Int) { bytes = Array(repeating: 0, count: capacity + Self.slackBytes) }

    var room: Int { bytes.count - Self.slackBytes - count }

    /// Hands over a copy of the text, and is empty then: its own bytes stay where they are, warm.
    mutating func take() -> [UInt8] {
        defer { count = 0 }
        return Array(bytes[..<count])
    }

    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    mutating func append(_ literal: LineLiteral) {
        let end = count
        var span = bytes.mutableSpan
        var out = MutableRawSpan(_elements: &span)
        for index in 0..<(literal.count + 7) / 8 {
            out.storeBytes(of: literal.words[index].littleEndian, toByteOffset: end + 8 * index, as: UInt64.self)
        }
        count += literal.count
    }

    /// Text as the inside of a JSON string.
    mutating func append(text: Span<UInt8>) {
        guard !appendPlain(text) else { return }
        let bytes = (0..<text.count).map { text[$0] }
        let escaped = JSONWriter.bytes(.string(String(decoding: bytes, as: UTF8.self)))
        for byte in escaped.dropFirst().dropLast() { append(byte) }
    }

    /// - Returns: false if some of it does not stand for itself in JSON; nothing is appended then.
    private mutating func appendPlain(_ text: Span<UInt8>) -> Bool {
        let end = count
        var out = bytes.mutableSpan
        var others: UInt8 = 0
        for index in text.indices {
            let byte = text[index]
            out[end &+ index] = byte
            others |= Self.isPlain(byte) ? 0 : 1
        }
        guard others == 0 else { return false }
        count += text.count
        return true
    }

    /// Not beyond ASCII, since text may be cut within a character.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte &- 0x20 < 0x5F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// A number of at least zero.
    mutating func append(decimal value: Int) {
        var rest = value.magnitude
        var digits = 1
        var bound: UInt = 10
        while digits < 19, rest >= bound {
            digits += 1
            bound *= 10
        }
        let end = count
        var out = bytes.mutableSpan
        for index in stride(from: end + digits - 1, through: end, by: -1) {
            let (tenths, digit) = rest.quotientAndRemainder(dividingBy: 10)
            out[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = tenths
        }
        count += digits
    }

    /// A number below 1000, with leading zeros.
    mutating func append(threeDigits value: Int) {
        let value = value.magnitude
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 100))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / 10 % 10))
        append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
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
