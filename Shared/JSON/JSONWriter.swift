/// Writes JSON values as compact or indented UTF-8.
public struct JSONWriter {
    public enum Style: Sendable {
        case compact
        /// Two spaces a level, for people.
        case indented
    }

    private var bytes: [UInt8] = []
    private let style: Style
    private var level = 0

    public static func bytes(_ value: JSONValue, style: Style = .compact) -> [UInt8] {
        var writer = JSONWriter(style: style)
        writer.write(value)
        return writer.bytes
    }

    public static func text(_ value: JSONValue, style: Style = .compact) -> String {
        String(decoding: bytes(value, style: style), as: UTF8.self)
    }

    private init(style: Style) { self.style = style }

    private mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .integer(let integer): append(String(integer))
        case .number(let double): append(double.isFinite ? String(double) : "null")
        case .string(let text): write(text)
        case .array(let elements):
            list("[", "]", elements.count) { writer, index in writer.write(elements[index]) }
        case .object(let object):
            list("{", "}", object.count) { writer, index in
                writer.write(object.members[index].name)
                writer.append(writer.style == .compact ? ":" : ": ")
                writer.write(object.members[index].value)
            }
        }
    }

    private mutating func list(
        _ open: String, _ close: String, _ count: Int, _ element: (inout JSONWriter, Int) -> Void
    ) {
        append(open)
        level += 1
        for index in 0..<count {
            if index > 0 { append(",") }
            newLine()
            element(&self, index)
        }
        level -= 1
        if count > 0 { newLine() }
        append(close)
    }

    private mutating func newLine() {
        guard style == .indented else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20, 0x7F:
                append("\\u00")
                append(byte < 0x10 ? "0" : "")
                append(String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
