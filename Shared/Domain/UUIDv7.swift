/// A UUID whose first 48 bits are the Unix time in milliseconds (RFC 9562 §5.7), the rest random.
public struct UUIDv7: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes a new id for `time`. Two ids of the same millisecond differ in 74 random bits.
    public init(at time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(clamping: time.millisecondsSinceEpoch) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 0x7000 | generator.next() & 0x0FFF
        low = 0x8000_0000_0000_0000 | generator.next() >> 2
    }

    /// Parses `8-4-4-4-12` hexadecimal digits; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var nibbles = 0
        var position = 0
        var high: UInt64 = 0
        var low: UInt64 = 0
        for byte in text.utf8 {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard nibbles < 32, let digit = hexadecimalValue(byte) else { return nil }
                if nibbles < 16 { high = high << 4 | digit } else { low = low << 4 | digit }
                nibbles += 1
            }
            position += 1
        }
        guard position == 36, nibbles == 32 else { return nil }
        self.init(high: high, low: low)
    }

    public var description: String {
        var text = ""
        text.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append("-") }
            let word = index < 16 ? high : low
            let nibble = word >> UInt64(60 - 4 * (index % 16)) & 0xF
            text.unicodeScalars.append(hexadecimalDigits[Int(nibble)])
        }
        return text
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

private let hexadecimalDigits = Array("0123456789abcdef".unicodeScalars)

private func hexadecimalValue(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}
