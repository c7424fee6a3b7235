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
    static func isBracket(_ byte: UInt8) -> Bool { isOpening(byte) || isClosing(byte) }

    static func isEqual(_ bytes: Span<UInt8>, _ start: Int, _ text: Span<UInt8>) -> Bool {
        guard start + text.count <= bytes.count else { return false }
        for index in 0..<text.count where bytes[start + index] != text[index] { return false }
        return true
    }
}
