/// A short text that many lines have, kept as words, so that it is put into each of them eight bytes at a time.
struct TextLiteral {
    static let maximumBytes = 56

    let words: InlineArray<7, UInt64>
    let count: Int

    /// - Parameter text: of at most `maximumBytes`; what is longer is cut.
    init(_ text: String) {
        var words = InlineArray<7, UInt64>(repeating: 0)
        var count = 0
        for byte in text.utf8.prefix(Self.maximumBytes) {
            words[count / 8] |= UInt64(byte) << UInt64(8 * (count % 8))
            count += 1
        }
        self.words = words
        self.count = count
    }
}
