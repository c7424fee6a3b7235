import HTTP

/// Changes header fields in place: leaves some out and appends others, without a `String` for each.
///
/// It takes over what it is given, so that nothing is copied that has no other owner.
struct FieldWriter {
    private var text: TextBuffer
    private var spans: [HTTPFields.Span]
    /// The value of the field that was appended last.
    private(set) var lastValue = 0..<0

    /// - Parameters:
    ///   - storage: of the fields; empty then.
    ///   - spans: those that stay; empty then.
    ///   - room: bytes that are going to be written at most, with names and line ends.
    init(storage: inout [UInt8], spans: inout [HTTPFields.Span], room: Int) {
        text = TextBuffer(behind: &storage, room: room)
        self.spans = []
        swap(&self.spans, &spans)
    }

    /// Appends a field, whose value `writeValue` writes.
    @inline(__always)
    mutating func append(_ name: FieldName, _ writeValue: (inout MutableRawSpan, inout Int) -> Void) {
        let nameStart = text.count + FieldName.lineEndBytes
        var valueStart = 0
        text.write { out, end in
            out.write(name.literal, at: &end)
            valueStart = end
            writeValue(&out, &end)
        }
        lastValue = valueStart..<text.count
        spans.append(
            HTTPFields.Span(
                nameStart: Int32(truncatingIfNeeded: nameStart),
                nameEnd: Int32(truncatingIfNeeded: nameStart + name.count),
                valueStart: Int32(truncatingIfNeeded: valueStart),
                valueEnd: Int32(truncatingIfNeeded: text.count)))
    }

    mutating func finish() -> HTTPFields {
        var spans: [HTTPFields.Span] = []
        swap(&spans, &self.spans)
        return HTTPFields(storage: text.finish(), spans: spans)
    }
}

/// What comes before a field's value: its name, behind the line end of the field before. Fields that lie behind one
/// another like this are sent in one run.
struct FieldName {
    static let lineEndBytes = 2

    let name: String
    fileprivate let literal: TextLiteral

    /// - Parameter name: at most 52 bytes; to find fields by it, in lower case.
    init(_ name: String) {
        self.name = name
        literal = TextLiteral("\r\n\(name): ")
    }

    fileprivate var count: Int { name.utf8.count }

    /// What a field of this name takes besides its value.
    var bytes: Int { literal.count }
}
