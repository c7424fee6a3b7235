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
    /// - Parameters:
    ///   - count: fields that are going to be appended, about.
    ///   - spare: bytes of them, about.
    init(taking fields: inout HTTPFields, count: Int, spare: Int) {
        (storage, spans) = fields.take()
        // Else each would grow several times.
        storage.reserveCapacity(storage.count + spare)
        spans.reserveCapacity(spans.count + count)
    }

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
