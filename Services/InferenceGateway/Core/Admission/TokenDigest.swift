/// SHA-256 of an endpoint token: all that the gateway ever keeps of one.
public struct TokenDigest: Hashable, Sendable {
    public static let byteCount = 32

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for byte in bytes {
            words.0 = words.0 << 8 | words.1 >> 56
            words.1 = words.1 << 8 | words.2 >> 56
            words.2 = words.2 << 8 | words.3 >> 56
            words.3 = words.3 << 8 | UInt64(byte)
        }
        self.words = words
    }

    /// Takes 64 hexadecimal digits; nil for anything else.
    public init?(hexadecimal text: String) {
        let digits = text.utf8.compactMap(hexadecimalValue)
        guard digits.count == 2 * Self.byteCount, text.utf8.count == digits.count else { return nil }
        self.init(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }

    public static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) {
        // The digest is uniform already; one word of it tells as much as all four.
        hasher.combine(words.0)
    }
}
