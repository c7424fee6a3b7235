import Cryptography

/// A place in a chain: how many lines there are up to it, and the hash of the last of them, which stands for them all.
public struct AuditPosition: Hashable, Sendable, CustomStringConvertible {
    /// Before the first line.
    public static let start = AuditPosition(sequence: 0, hash: String(repeating: "0", count: hashLength))

    static let hashLength = 2 * SHA256Digest.byteCount

    public let sequence: Int64
    /// 64 lower-case hexadecimal digits.
    public let hash: String

    init(sequence: Int64, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Reads `SEQ:HASH`, as `description` writes it; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0, Self.isHash(parts[1].utf8) else {
            return nil
        }
        self.init(sequence: sequence, hash: String(parts[1]))
    }

    public var description: String { "\(sequence):\(hash)" }

    static func isHash(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.count == hashLength
            && bytes.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
