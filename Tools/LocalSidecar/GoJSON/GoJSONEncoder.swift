/// Writes values as Go's `json.Marshal` does: names in byte order, `<`, `>` and `&` escaped, numbers in Go's form.
/// This is what a value looks like after daprd has passed it on to a store.
struct GoJSONEncoder {
    private var bytes: [UInt8] = []

    static func encode(_ value: GoValue) -> [UInt8] {
        var encoder = GoJSONEncoder()
        encoder.write(value)
        return encoder.bytes
    }

    private mutating func write(_ value: GoValue) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .number(let double): append(Self.text(double))
        case .string(let text): write(text)
        case .array(let elements):
            append("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { append(",") }
                write(element)
            }
            append("]")
        case .object(let members):
            append("{")
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { append(",") }
                write(member.key)
                append(":")
                write(member.value)
            }
            append("}")
        }
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ text: String) {
        append("\"")
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": append("\\\"")
            case "\\": append("\\\\")
            case "\n": append("\\n")
            case "\r": append("\\r")
            case "\t": append("\\t")
            case "\u{8}": append("\\b")
            case "\u{C}": append("\\f")
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
            default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        append("\"")
    }

    /// The shortest digits that read back as the same double, without an exponent from 1e-6 up to 1e21.
    static func text(_ double: Double) -> String {
        if double == 0 { return double.sign == .minus ? "-0" : "0" }
        let sign = double < 0 ? "-" : ""
        let (digits, exponent) = shortest(double.magnitude)
        if double.magnitude < 1e-6 || double.magnitude >= 1e21 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(abs(exponent))"
        }
        if exponent < 0 { return "\(sign)0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
        }
        return "\(sign)\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
    }

    /// Significant digits without trailing zeros, and the power of ten of the first of them.
    private static func shortest(_ magnitude: Double) -> (digits: String, exponent: Int) {
        let parts = "\(magnitude)".split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1
        var digits = Substring(whole + fraction)
        while digits.count > 1, digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (String(digits), exponent)
    }
}
