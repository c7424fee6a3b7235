import HTTP

/// Puts header fields together from runs of bytes, without a `String` for each.
struct FieldWriter {
    private var storage: [UInt8] = []
    private var spans: [HTTPFields.Span] = []

    /// Takes over those of `fields` that `isKept`.
    /// - Parameter spare: bytes that are going to be appended, about.
    init(copying fields: HTTPFields, spare: Int, where isKept: (HTTPFields.Span) -> Bool) {
        storage.reserveCapacity(fields.storage.count + spare)
        storage.append(contentsOf: fields.storage)
        spans.reserveCapacity(fields.spans.count + 4)
        for span in fields.spans where isKept(span) { spans.append(span) }
    }

    /// `write` must append nothing that may not stand in a field's value.
    mutating func append(_ name: String, _ write: (inout [UInt8]) -> Void) {
        let nameStart = Int32(storage.count)
        storage.append(contentsOf: name.utf8)
        let nameEnd = Int32(storage.count)
        storage.append(UInt8(ascii: ":"))
        storage.append(UInt8(ascii: " "))
        let valueStart = Int32(storage.count)
        write(&storage)
        spans.append(
            HTTPFields.Span(
                nameStart: nameStart, nameEnd: nameEnd, valueStart: valueStart, valueEnd: Int32(storage.count)))
    }

    var fields: HTTPFields { HTTPFields(storage: storage, spans: spans) }
}

extension [UInt8] {
    /// Sixteen digits.
    mutating func append(hexadecimal value: UInt64) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            let nibble = UInt8(truncatingIfNeeded: value >> shift) & 0xF
            append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
    }
}
