// Received bytes beside texts that the code knows, without a `String` of what was received.

/// Whether the range holds `text`, which is of letters in lower case, digits, hyphens and slashes, ASCII case aside.
///
/// What was read as a name or value holds no control characters but tabs: so only the upper case of a letter becomes
/// that letter by setting the bit that tells the two apart, and nothing becomes one of the others.
@inlinable
@inline(__always)
func equals(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: String) -> Bool {
    let characters = text.utf8.span
    let (start, count) = (range.lowerBound, characters.count)
    guard range.count == count else { return false }
    guard count >= 8 else {
        for index in 0..<count where bytes[start + index] | 0x20 != characters[index] { return false }
        return true
    }
    // Eight at a time; the last eight may begin among those before them.
    var index = 0
    while true {
        let word = bytes.littleEndianWord(at: start + index) | 0x2020_2020_2020_2020
        guard word == characters.littleEndianWord(at: index) else { return false }
        if index == count - 8 { return true }
        index = min(index + 8, count - 8)
    }
}

/// Whether `text` stands at `start`, case included. There must be as many bytes.
@inline(__always)
func equalsExactly(_ bytes: Span<UInt8>, _ start: Int, _ text: String) -> Bool {
    let characters = text.utf8.span
    for index in 0..<characters.count where bytes[start + index] != characters[index] { return false }
    return true
}

extension HTTPFields.Span {
    /// Whether the field's name is `name`, which is in lower case, ASCII case aside.
    @inlinable
    public func isNamed(_ name: String, in storage: Span<UInt8>) -> Bool {
        equals(storage, Int(nameStart)..<Int(nameEnd), name)
    }

    /// Whether the field's value begins with `start`, which is of letters in lower case, digits, hyphens and slashes,
    /// ASCII case aside.
    @inlinable
    public func valueBegins(with start: String, in storage: Span<UInt8>) -> Bool {
        let first = Int(valueStart)
        let end = first + start.utf8.count
        return end <= Int(valueEnd) && equals(storage, first..<end, start)
    }
}
