import JSON

/// The core schema of YAML 1.2 (§10.3.2): what an unquoted scalar means. `yes`, `no`, `on` and `off` are strings.
enum YAMLScalar {
    /// Nil for numbers that JSON has no form for (`.inf`, `.nan`, or beyond the range of a double).
    static func resolve(_ text: String) -> JSONValue? {
        if let word = words[text] { return word }
        let bytes = Array(text.utf8)
        if text.hasPrefix("0x"), bytes.count > 2, bytes[2...].allSatisfy(isHexadecimalDigit) {
            return integer(text.dropFirst(2), radix: 16)
        }
        if text.hasPrefix("0o"), bytes.count > 2, bytes[2...].allSatisfy({ isDigit($0) && $0 < UInt8(ascii: "8") }) {
            return integer(text.dropFirst(2), radix: 8)
        }
        let unsigned = bytes.first.map(isSign) == true ? bytes.dropFirst() : bytes[...]
        if infinities.contains(String(decoding: unsigned, as: UTF8.self)) || notANumber.contains(text) { return nil }
        switch shape(of: unsigned) {
        case .text: return .string(text)
        case .integer: return integer(text[...], radix: 10)
        case .decimal: return Double(normalized(text)).flatMap { $0.isFinite ? .number($0) : nil }
        }
    }

    private static let words: [String: JSONValue] = [
        "": nil, "~": nil, "null": nil, "Null": nil, "NULL": nil, "true": true, "True": true, "TRUE": true,
        "false": false, "False": false, "FALSE": false,
    ]
    private static let infinities: Set = [".inf", ".Inf", ".INF"]
    private static let notANumber: Set = [".nan", ".NaN", ".NAN"]

    private enum Shape { case text, integer, decimal }

    /// `digits`, `digits.digits?`, `.digits`, each of the latter two with an exponent or not.
    private static func shape(of unsigned: ArraySlice<UInt8>) -> Shape {
        var rest = unsigned.drop(while: isDigit)
        let wholeCount = unsigned.count - rest.count
        if rest.isEmpty { return wholeCount > 0 ? .integer : .text }
        var fractionCount = 0
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst()
            rest = fraction.drop(while: isDigit)
            fractionCount = fraction.count - rest.count
        }
        guard wholeCount + fractionCount > 0 else { return .text }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first.map(isSign) == true { rest = rest.dropFirst() }
            guard !rest.isEmpty else { return .text }
            rest = rest.drop(while: isDigit)
        }
        return rest.isEmpty ? .decimal : .text
    }

    /// Beyond 64 bits an integer becomes a double, as in JSON.
    private static func integer(_ digits: Substring, radix: Int) -> JSONValue? {
        if let value = Int64(digits, radix: radix) { return .integer(value) }
        guard radix == 10, let double = Double(digits), double.isFinite else { return nil }
        return .number(double)
    }

    /// `Double` wants a digit on both sides of the point: `.5` and `5.` are `0.5` and `5.0`.
    private static func normalized(_ text: String) -> String {
        guard let point = text.firstIndex(of: ".") else { return text }
        let before = text[..<point]
        let after = text[text.index(after: point)...]
        let needsZeroBefore = before.last?.isNumber != true
        let needsZeroAfter = after.first?.isNumber != true
        return "\(before)\(needsZeroBefore ? "0" : "").\(needsZeroAfter ? "0" : "")\(after)"
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }
    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
