/// The header fields of one message, in order, kept as the bytes that are on the wire.
///
/// A received head is copied once and parsed into spans; forwarding it copies runs of bytes and never makes a
/// `String` of a field that nobody reads. Names compare without regard to case.
public struct HTTPFields: Sendable {
    /// Where one field lies in `storage`: `name: value`, without the line end.
    public struct Span: Sendable {
        public let nameStart: Int32
        public let nameEnd: Int32
        public let valueStart: Int32
        public let valueEnd: Int32
        /// Meant for this connection only (RFC 9110 §7.6.1), be it by its name or named by `Connection`.
        public var isHopByHop: Bool

        public init(nameStart: Int32, nameEnd: Int32, valueStart: Int32, valueEnd: Int32, isHopByHop: Bool = false) {
            self.nameStart = nameStart
            self.nameEnd = nameEnd
            self.valueStart = valueStart
            self.valueEnd = valueEnd
            self.isHopByHop = isHopByHop
        }
    }

    public private(set) var storage: [UInt8]
    public private(set) var spans: [Span]

    public init() {
        storage = []
        spans = []
    }

    /// For the parsers: `spans` must lie within `storage`.
    public init(storage: [UInt8], spans: [Span]) {
        self.storage = storage
        self.spans = spans
    }

    public var count: Int { spans.count }
    public var isEmpty: Bool { spans.isEmpty }

    /// The first value of this name.
    public subscript(name: String) -> String? {
        spans.first { matches($0, name) }.map(value)
    }

    /// Every value of this name, in order, each field apart.
    public func values(_ name: String) -> [String] {
        spans.filter { matches($0, name) }.map(value)
    }

    public func contains(_ name: String) -> Bool {
        spans.contains { matches($0, name) }
    }

    /// Appends a field. Control characters in `value` (and with them header injection) become spaces.
    public mutating func append(_ name: String, _ value: String) {
        let nameStart = Int32(storage.count)
        storage.append(contentsOf: name.utf8)
        let nameEnd = Int32(storage.count)
        storage.append(UInt8(ascii: ":"))
        storage.append(UInt8(ascii: " "))
        let valueStart = Int32(storage.count)
        for byte in value.utf8 {
            storage.append((byte < 0x20 && byte != 0x09) || byte == 0x7F ? 0x20 : byte)
        }
        spans.append(
            Span(nameStart: nameStart, nameEnd: nameEnd, valueStart: valueStart, valueEnd: Int32(storage.count)))
    }

    /// Replaces every field of this name by one.
    public mutating func set(_ name: String, _ value: String) {
        remove(name)
        append(name, value)
    }

    public mutating func remove(_ name: String) {
        guard contains(name) else { return }
        spans = spans.filter { !matches($0, name) }
    }

    /// Removes what is meant for one connection only, and what frames the body there.
    public mutating func removeHopByHop() { spans.removeAll(where: \.isHopByHop) }

    /// Hands over what it holds and is empty then: the new owner can change it without a copy.
    public mutating func take() -> (storage: [UInt8], spans: [Span]) {
        var taken = Self()
        swap(&taken, &self)
        return (taken.storage, taken.spans)
    }

    /// All fields as strings, for logs and tests.
    public var pairs: [(name: String, value: String)] {
        spans.map { (name: text($0.nameStart, $0.nameEnd), value: value($0)) }
    }

    public func value(_ span: Span) -> String { text(span.valueStart, span.valueEnd) }

    public func name(_ span: Span) -> String { text(span.nameStart, span.nameEnd) }

    private func text(_ start: Int32, _ end: Int32) -> String {
        String(decoding: storage[Int(start)..<Int(end)], as: UTF8.self)
    }

    /// Whether the field's name is `name`, ASCII case aside.
    public func matches(_ span: Span, _ name: String) -> Bool {
        let count = Int(span.nameEnd - span.nameStart)
        guard count == name.utf8.count else { return false }
        let (bytes, name) = (storage.span, name.utf8.span)
        for index in 0..<count where lowercased(bytes[Int(span.nameStart) + index]) != lowercased(name[index]) {
            return false
        }
        return true
    }
}

extension HTTPFields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}

func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
}
