/// Decodes one JSON string as it arrives, from behind its opening quote to its closing one, up to a number of bytes.
struct JSONStringCapture: Sendable {
    enum Step {
        case needsMore
        case closed
        case malformed
    }

    private enum State: Sendable {
        case text
        case backslash
        /// Within `\uXXXX`: digits still to come, and their value so far.
        case digits(left: Int, value: UInt32)
        /// Behind a high surrogate: the backslash, then the `u`, of its other half.
        case lowBackslash
        case lowLetter
    }

    /// What was decoded; at most `maximumBytes`.
    private(set) var bytes: [UInt8] = []
    /// There was more than `maximumBytes`; the rest was dropped.
    private(set) var isOverlong = false
    private let maximumBytes: Int
    private var state = State.text
    private var highSurrogate: UInt32?

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    mutating func take(_ piece: Span<UInt8>, from index: inout Int) -> Step {
        while index < piece.count {
            let byte = piece[index]
            index += 1
            switch state {
            case .text:
                if byte == UInt8(ascii: "\"") { return .closed }
                guard byte >= 0x20 else { return .malformed }
                if byte == UInt8(ascii: "\\") { state = .backslash } else { append(byte) }
            case .backslash: guard escape(byte) else { return .malformed }
            case .digits(let left, let value): guard digit(byte, left, value) else { return .malformed }
            case .lowBackslash:
                guard byte == UInt8(ascii: "\\") else { return .malformed }
                state = .lowLetter
            case .lowLetter:
                guard byte == UInt8(ascii: "u") else { return .malformed }
                state = .digits(left: 4, value: 0)
            }
        }
        return .needsMore
    }

    private mutating func append(_ byte: UInt8) {
        if bytes.count < maximumBytes { bytes.append(byte) } else { isOverlong = true }
    }

    private mutating func escape(_ byte: UInt8) -> Bool {
        state = .text
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): append(byte)
        case UInt8(ascii: "b"): append(0x08)
        case UInt8(ascii: "f"): append(0x0C)
        case UInt8(ascii: "n"): append(0x0A)
        case UInt8(ascii: "r"): append(0x0D)
        case UInt8(ascii: "t"): append(0x09)
        case UInt8(ascii: "u"): state = .digits(left: 4, value: 0)
        default: return false
        }
        return true
    }

    private mutating func digit(_ byte: UInt8, _ left: Int, _ value: UInt32) -> Bool {
        guard let digit = hexadecimalValue(byte) else { return false }
        let value = value << 4 | UInt32(digit)
        guard left == 1 else {
            state = .digits(left: left - 1, value: value)
            return true
        }
        if let high = highSurrogate {
            guard (0xDC00...0xDFFF).contains(value) else { return false }
            highSurrogate = nil
            return appendScalar(0x10000 + (high - 0xD800) << 10 + (value - 0xDC00))
        }
        guard (0xD800...0xDBFF).contains(value) else { return appendScalar(value) }
        highSurrogate = value
        state = .lowBackslash
        return true
    }

    /// A scalar, as UTF-8. False for a lone surrogate.
    private mutating func appendScalar(_ value: UInt32) -> Bool {
        guard let scalar = Unicode.Scalar(value) else { return false }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
        state = .text
        return true
    }
}

func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
