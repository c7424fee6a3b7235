/// The digits of numbers below 100 million, made all at once.
enum DecimalDigits {
    /// Eight of the digit zero.
    static let zeros: UInt64 = 0x3030_3030_3030_3030

    /// Eight digits in order, with leading zeros, the first in the lowest byte.
    ///
    /// The number is halved into groups of four, two and one digits; in each step all groups are divided together, by
    /// multiplying with a fraction that is exact for numbers as small as they are.
    static func word(_ value: UInt) -> UInt64 {
        let (upper, lower) = UInt64(value).quotientAndRemainder(dividingBy: 10_000)
        let fours = upper | lower << 32
        let hundreds = ((fours &* 10_486) >> 20) & 0x0000_007F_0000_007F
        let twos = hundreds | (fours &- hundreds &* 100) << 16
        let tens = ((twos &* 103) >> 10) & 0x000F_000F_000F_000F
        return (tens | (twos &- tens &* 10) << 8) | zeros
    }
}
