/// Takes an array of objects apart, and leaves the members' values as the text that they are: for large answers of
/// which most is handed on.
///
/// It checks the array, the objects and their names. A value is only checked as far as is needed to find its end:
/// whoever reads it checks the rest.
public struct JSONSplitter {
    public struct Member: Hashable, Sendable {
        public let name: String
        /// Of the value, without white space around it.
        public let text: ArraySlice<UInt8>
    }

    private let bytes: [UInt8]
    private var index = 0

    /// - Throws: for anything but an array of objects.
    public static func objects(in bytes: [UInt8]) throws(JSONError) -> [[Member]] {
        var splitter = JSONSplitter(bytes: bytes)
        var objects: [[Member]] = []
        try splitter.each(from: UInt8(ascii: "["), to: UInt8(ascii: "]")) { splitter throws(JSONError) in
            objects.append(try splitter.object())
        }
        guard splitter.next == nil else { throw splitter.error("unexpected text after the array") }
        return objects
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func error(_ message: String) -> JSONError { JSONError(message: message, offset: index) }

    /// Skips white space.
    private var next: UInt8? {
        mutating get {
            while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
            return index < bytes.count ? bytes[index] : nil
        }
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard next == byte else { throw error("\(Character(Unicode.Scalar(byte))) should be here") }
        index += 1
    }

    /// Elements with commas between them.
    private mutating func each(
        from open: UInt8, to close: UInt8, _ element: (inout Self) throws(JSONError) -> Void
    ) throws(JSONError) {
        try expect(open)
        if next == close {
            index += 1
            return
        }
        while true {
            try element(&self)
            guard next == UInt8(ascii: ",") else { break }
            index += 1
        }
        try expect(close)
    }

    private mutating func object() throws(JSONError) -> [Member] {
        var members: [Member] = []
        try each(from: UInt8(ascii: "{"), to: UInt8(ascii: "}")) { splitter throws(JSONError) in
            guard splitter.next == UInt8(ascii: "\"") else { throw splitter.error("a member name should be here") }
            guard case .string(let name) = try JSONParser.parse(Array(try splitter.value())) else { return }
            try splitter.expect(UInt8(ascii: ":"))
            members.append(Member(name: name, text: try splitter.value()))
        }
        return members
    }

    /// From the first byte of a value to its last.
    private mutating func value() throws(JSONError) -> ArraySlice<UInt8> {
        guard let first = next else { throw error("the text ends where a value should be") }
        let start = index
        switch first {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipNested()
        default:
            while index < bytes.count, !Self.endsScalar(bytes[index]) { index += 1 }
            guard index > start else { throw error("a value should be here") }
        }
        return bytes[start..<index]
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09: true
        default: false
        }
    }

    private mutating func skipString() throws(JSONError) {
        index += 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                return
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        index = bytes.count
        throw error("a string is not closed")
    }

    private mutating func skipNested() throws(JSONError) {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
                if depth == 0 { return }
            default: index += 1
            }
        }
        throw error("an array or object is not closed")
    }
}
