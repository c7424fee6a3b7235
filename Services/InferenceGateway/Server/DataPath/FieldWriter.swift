import HTTP

/// Puts header fields together from runs of bytes, without a `String` for each.
struct FieldWriter {
    private var storage: [UInt8] = []
    private var spans: [HTTPFields.Span] = []

    /// - Parameters:
    ///   - fields: where the spans lie.
    ///   - spans: the fields that are taken over; left empty, since what has one owner grows without a copy.
    ///   - spare: bytes that are going to be appended, about.
    init(copying fields: HTTPFields, _ spans: inout [HTTPFields.Span], spare: Int) {
        swap(&self.spans, &spans)
        storage.reserveCapacity(fields.storage.count + spare)
        storage.append(contentsOf: fields.storage)
    }

    /// Goes on with fields in place; `fields` is empty until it gets them back.
    init(taking fields: inout HTTPFields) { (storage, spans) = fields.take() }

    /// Appends a field with this value.
    mutating func append(_ name: FieldTemplate, _ value: ArraySlice<UInt8>) {
        append(name) { bytes, _ in bytes.append(contentsOf: value) }
    }

    /// The value of the field that was appended last.
    var lastValue: Range<Int> {
        spans.last.map { Int($0.valueStart)..<Int($0.valueEnd) } ?? 0..<0
    }

    /// Appends a field that is a template of which `fill` then changes bytes; it gets where the value begins.
    mutating func append(_ template: FieldTemplate, _ fill: (inout [UInt8], Int) -> Void) {
        let nameStart = storage.count
        storage.append(contentsOf: template.bytes)
        let valueStart = nameStart + template.valueStart
        fill(&storage, valueStart)
        addSpan(nameStart, template, storage.count)
        // As if it had been received: fields that lie behind one another like this are sent in one run.
        storage.append(UInt8(ascii: "\r"))
        storage.append(UInt8(ascii: "\n"))
    }

    private mutating func addSpan(_ nameStart: Int, _ template: FieldTemplate, _ valueEnd: Int) {
        spans.append(
            HTTPFields.Span(
                nameStart: Int32(nameStart), nameEnd: Int32(nameStart + template.nameBytes),
                valueStart: Int32(nameStart + template.valueStart), valueEnd: Int32(valueEnd)))
    }

    var fields: HTTPFields { HTTPFields(storage: storage, spans: spans) }
}

/// The bytes that a field always has: its name, and a value in which some bytes are to be replaced.
struct FieldTemplate {
    let bytes: [UInt8]
    let nameBytes: Int

    init(_ name: String, _ value: String = "") {
        bytes = Array("\(name): \(value)".utf8)
        nameBytes = name.utf8.count
    }

    /// Behind colon and blank.
    var valueStart: Int { nameBytes + 2 }
}

extension [UInt8] {
    /// Overwrites sixteen bytes with the digits of `value`.
    mutating func write(hexadecimal value: UInt64, at start: Int) {
        let (high, low) = (Self.digits(value >> 32), Self.digits(value & 0xFFFF_FFFF))
        var bytes = mutableSpan
        for index in 0..<8 {
            let shift = UInt64(8 * index)
            bytes[start + index] = UInt8(truncatingIfNeeded: high >> shift)
            bytes[start + 8 + index] = UInt8(truncatingIfNeeded: low >> shift)
        }
    }

    /// The eight digits of a number of 32 bits, the first in the lowest byte. All at once: one nibble into each byte,
    /// and from there to ASCII.
    private static func digits(_ value: UInt64) -> UInt64 {
        var nibbles = (value | value << 16) & 0x0000_FFFF_0000_FFFF
        nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
        nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
        let isLetter = ((nibbles &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return (nibbles &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27).byteSwapped
    }
}
