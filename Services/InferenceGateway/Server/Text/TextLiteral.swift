/// A short text that many lines have, kept as words, so that it is put into each of them eight bytes at a time.
struct TextLiteral {
    static let maximumBytes = 56

    typealias Words = InlineArray<7, UInt64>

    /// In the order of the text, on any machine.
    let words: Words
    let count: Int

    /// - Parameter text: of at most `maximumBytes`; what is longer is cut.
    init(_ text: String) {
        var words = Words(repeating: 0)
        var count = 0
        for byte in text.utf8.prefix(Self.maximumBytes) {
            words[count / 8] |= UInt64(byte) << UInt64(8 * (count % 8))
            count += 1
        }
        for index in words.indices { words[index] = words[index].littleEndian }
        self.words = words
        self.count = count
    }
}
