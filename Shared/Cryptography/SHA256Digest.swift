/// The 32 bytes that SHA-256 ends with. Prints as lower-case hexadecimal.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    public static let byteCount = 32

    public let bytes: [UInt8]

    /// `bytes` must be 32.
    init(exactly bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Nil unless there are exactly 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Nil unless the text is 64 hexadecimal digits, of either case.
    public init?(hex: String) {
        guard let bytes = Hexadecimal.decode(hex) else { return nil }
        self.init(bytes)
    }

    public var hex: String { Hexadecimal.encode(bytes) }
    public var description: String { hex }
}
