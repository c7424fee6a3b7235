// The character classes of RFC 9110 and RFC 3986 as bit masks: one word for 0...63, one for 64...127.

enum HTTPCharacters {
    static let carriageReturn: UInt8 = 13
    static let lineFeed: UInt8 = 10
    static let space: UInt8 = 32
    static let tab: UInt8 = 9
    static let colon = UInt8(ascii: ":")

    // The masks are written out so that the parser's inner loops see constants; a test derives them again.
    static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
    static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    static let targetLow: UInt64 = 0xAFFF_FFF2_0000_0000
    static let targetHigh: UInt64 = 0x47FF_FFFE_AFFF_FFFF
    static let authorityLow: UInt64 = 0x07FF_6020_0000_0000
    static let authorityHigh: UInt64 = 0x47FF_FFFE_AFFF_FFFE

    @inline(__always)
    private static func contains(_ low: UInt64, _ high: UInt64, _ byte: UInt8) -> Bool {
        let word = byte & 0x40 == 0 ? low : high
        return byte < 0x80 && (word &>> UInt64(byte & 63)) & 1 == 1
    }

    /// `tchar`: field names and methods.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || contains(tokenLow, tokenHigh, byte)
    }

    /// What may stand in a path or a query, and `[` and `]`, which query strings carry unencoded in practice. No `#`.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || contains(targetLow, targetHigh, byte)
    }

    /// What may stand in the host and port of an authority.
    @inline(__always)
    static func isAuthority(_ byte: UInt8) -> Bool { contains(authorityLow, authorityHigh, byte) }

    /// `field-vchar`, space and tab: no other control character, no DEL.
    @inline(__always)
    static func isFieldValue(_ byte: UInt8) -> Bool { byte &- 0x20 < 0x5F || byte >= 0x80 || byte == tab }

    /// Where the first byte lies, from `start` on, that no field value may hold. Values are most of a head: eight bytes
    /// are looked at together as long as all of them are printable ASCII.
    @inline(__always)
    static func endOfFieldValue(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let high: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index + 8 <= bytes.count {
            let word = bytes.littleEndianWord(at: index)
            // In each byte the high bit stays if the byte is not below space, and if it is not DEL.
            let notControl = (word | high) &- 0x2020_2020_2020_2020
            let notDelete = ((word ^ 0x7F7F_7F7F_7F7F_7F7F) | high) &- 0x0101_0101_0101_0101
            let others = ~(~word & notControl & notDelete) & high
            guard others == 0 else {
                // As a rule the carriage return.
                index += others.trailingZeroBitCount / 8
                break
            }
            index += 8
        }
        while index < bytes.count, isFieldValue(bytes[index]) { index += 1 }
        return index
    }

    /// Where the first byte lies, from `start` on, that no token may hold. Names of fields are letters and hyphens as a
    /// rule, and eight of those are looked at together.
    @inline(__always)
    static func endOfToken(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let high: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index + 8 <= bytes.count {
            let word = bytes.littleEndianWord(at: index)
            let lowercase = (word | 0x2020_2020_2020_2020) & ~high
            // In each byte the high bit is set from `a` on, behind `z`, and where there is a hyphen.
            let fromA = lowercase &+ 0x1F1F_1F1F_1F1F_1F1F
            let behindZ = lowercase &+ 0x0505_0505_0505_0505
            let notHyphen = word ^ 0x2D2D_2D2D_2D2D_2D2D
            let hyphen = ~(((notHyphen & ~high) &+ ~high) | notHyphen)
            let others = ~((fromA & ~behindZ & ~word) | hyphen) & high
            guard others == 0 else {
                // As a rule the colon.
                index += others.trailingZeroBitCount / 8
                break
            }
            index += 8
        }
        while index < bytes.count, isToken(bytes[index]) { index += 1 }
        return index
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    @inline(__always)
    static func hexValue(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte &- UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte &- UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
