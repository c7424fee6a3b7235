extension [UInt8] {
    /// Appends the digits of `value`, without a `String`.
    mutating func append(decimal value: Int) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = digits.count
        repeat {
            first -= 1
            digits[first] = Self.digit(rest % 10)
            rest /= 10
        } while rest > 0
        append(addingCapacity: digits.count - first) { out in
            for index in first..<digits.count { out.append(digits[index]) }
        }
    }

    private static func digit(_ value: UInt) -> UInt8 { UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value) }
}
