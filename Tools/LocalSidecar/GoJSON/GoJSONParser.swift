/// Reads JSON as Go's decoder does, with its messages, so that a client sees the same answer to the same mistake.
///
/// Where Go is lenient (lone surrogates, broken UTF-8, duplicate names, text behind the value) this is too. Deeper
/// nesting than `maximumDepth` is refused; Go's own limit is 10,000.
struct GoJSONParser {
    static let maximumDepth = 512

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    /// The first value of `bytes`; what follows it is not looked at.
    static func parse(_ bytes: [UInt8]) throws(GoJSONError) -> GoValue {
        var parser = GoJSONParser(bytes: bytes)
        parser.skipWhitespace()
        guard parser.current != nil else { throw GoJSONError(message: "EOF") }
        return try parser.value()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    private mutating func value() throws(GoJSONError) -> GoValue {
        guard let byte = current else { throw unexpected("looking for beginning of value") }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw unexpected("looking for beginning of value")
        }
    }

    private mutating func object() throws(GoJSONError) -> GoValue {
        try enter()
        var members: [String: GoValue] = [:]
        skipWhitespace()
        while true {
            if current == UInt8(ascii: "}"), members.isEmpty { break }
            guard current == UInt8(ascii: "\"") else {
                throw unexpected("looking for beginning of object key string")
            }
            let name = try string()
            skipWhitespace()
            guard current == UInt8(ascii: ":") else { throw unexpected("after object key") }
            index += 1
            skipWhitespace()
            members[name] = try value()
            skipWhitespace()
            guard current == UInt8(ascii: ",") else { break }
            index += 1
            skipWhitespace()
        }
        guard current == UInt8(ascii: "}") else { throw unexpected("after object key:value pair") }
        leave()
        return .object(members)
    }

    private mutating func array() throws(GoJSONError) -> GoValue {
        try enter()
        var elements: [GoValue] = []
        skipWhitespace()
        while true {
            if current == UInt8(ascii: "]"), elements.isEmpty { break }
            elements.append(try value())
            skipWhitespace()
            guard current == UInt8(ascii: ",") else { break }
            index += 1
            skipWhitespace()
        }
        guard current == UInt8(ascii: "]") else { throw unexpected("after array element") }
        leave()
        return .array(elements)
    }

    private mutating func enter() throws(GoJSONError) {
        depth += 1
        index += 1
        guard depth <= Self.maximumDepth else { throw GoJSONError(message: "exceeded max depth") }
    }

    private mutating func leave() {
        depth -= 1
        index += 1
    }

    private mutating func literal(_ word: String, _ value: GoValue) throws(GoJSONError) -> GoValue {
        for byte in word.utf8 {
            guard current == byte else {
                throw unexpected("in literal \(word) (expecting '\(Character(Unicode.Scalar(byte)))')")
            }
            index += 1
        }
        return value
    }

    private mutating func number() throws(GoJSONError) -> GoValue {
        let start = index
        if current == UInt8(ascii: "-") { index += 1 }
        if current == UInt8(ascii: "0") { index += 1 } else { try digits("in numeric literal") }
        if current == UInt8(ascii: ".") {
            index += 1
            try digits("after decimal point in numeric literal")
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            index += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
            try digits("in exponent of numeric literal")
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard let double = Double(text), double.isFinite else {
            throw GoJSONError(
                message: "json: cannot unmarshal number \(text) into Go struct field SetRequest.value of type float64")
        }
        return .number(double)
    }

    private mutating func digits(_ place: String) throws(GoJSONError) {
        let start = index
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        if index == start { throw unexpected(place) }
    }

    private mutating func string() throws(GoJSONError) -> String {
        index += 1
        var text: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                index += 1
                try escape(into: &text)
            case 0..<0x20: throw unexpected("in string literal")
            default:
                text.append(byte)
                index += 1
            }
        }
        throw unexpected("in string literal")
    }

    private mutating func escape(into text: inout [UInt8]) throws(GoJSONError) {
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[index])
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            index += 1
            text.append(contentsOf: String(try unicodeEscape()).utf8)
            return
        default: throw unexpected("in string escape code")
        }
        index += 1
    }

    private mutating func unicodeEscape() throws(GoJSONError) -> Unicode.Scalar {
        let first = try fourHexadecimalDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let start = index
        if first < 0xDC00, current == UInt8(ascii: "\\"), index + 1 < bytes.count,
            bytes[index + 1] == UInt8(ascii: "u")
        {
            index += 2
            let second = try fourHexadecimalDigits()
            if (0xDC00...0xDFFF).contains(second),
                let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
            {
                return scalar
            }
            index = start
        }
        return "\u{FFFD}"
    }

    private mutating func fourHexadecimalDigits() throws(GoJSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw unexpected("in \\u hexadecimal character escape")
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    private func unexpected(_ place: String) -> GoJSONError {
        guard let byte = current else { return GoJSONError(message: "unexpected EOF") }
        let shown =
            switch byte {
            case UInt8(ascii: "'"): "'\\''"
            case UInt8(ascii: "\""): "'\"'"
            case 0x20..<0x7F: "'\(Character(Unicode.Scalar(byte)))'"
            case 0x0A: "'\\n'"
            case 0x09: "'\\t'"
            case 0x0D: "'\\r'"
            default: "'\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))'"
            }
        return GoJSONError(message: "invalid character \(shown) \(place)")
    }
}
