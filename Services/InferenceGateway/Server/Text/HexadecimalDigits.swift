/// The digits of numbers of 64 bits, made eight at a time.
enum HexadecimalDigits {
    /// The sixteen digits in order, the first in the lowest byte of `high`.
    static func words(_ value: UInt64) -> (high: UInt64, low: UInt64) {
        (digits(value >> 32), digits(value & 0xFFFF_FFFF))
    }

    /// The eight digits of a number of 32 bits. All at once: one nibble into each byte, and from there to ASCII.
    private static func digits(_ value: UInt64) -> UInt64 {
        var nibbles = (value | value << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let isLetter = ((nibbles &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return (nibbles &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27).byteSwapped
    }
}
