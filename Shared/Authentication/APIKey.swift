import Cryptography

/// A key that lets its bearer use the control plane as its owner. Its text is shown once, when it is made; afterwards
/// only its digest exists.
public struct APIKey: Sendable, CustomStringConvertible {
    /// Tells a key from other secrets, for people and for scanners of leaked ones.
    public static let prefix = "slk_"
    /// Random bytes in a key.
    public static let byteCount = 32
    /// Characters of a key.
    static let length = prefix.utf8.count + (byteCount * 8 + 5) / 6

    /// `slk_` and 43 characters. A secret.
    public let text: String
    /// SHA-256 of the text, 64 lower-case hexadecimal digits: what is stored and looked up.
    public let sha256: String

    /// Makes a new one from the system's generator.
    public static func make() -> APIKey { APIKey(made: prefix + SecureRandom.base64URL(byteCount: byteCount)) }

    /// The one key that belongs to `purpose`. Whoever does not know `secret` can tell it from none that `make` makes.
    public static func derived(from purpose: String, secret: String) -> APIKey {
        let message = "api key\n\(purpose)"
        let code = HMACSHA256.authenticationCode(for: Array(message.utf8), key: Array(secret.utf8))
        return APIKey(made: prefix + Base64URL.encode(code.bytes))
    }

    /// Takes what somebody presents; nil if it cannot be a key, whatever keys there are.
    public init?(_ presented: String) {
        guard presented.utf8.count == Self.length, presented.utf8.starts(with: Self.prefix.utf8),
            Base64URL.decode(String(presented.dropFirst(Self.prefix.count)))?.count == Self.byteCount
        else { return nil }
        self.init(made: presented)
    }

    private init(made text: String) {
        self.text = text
        // With 256 random bits in the text, a fast hash without salt is enough.
        sha256 = SHA256.hash(text).hex
    }

    /// Without the secret.
    public var description: String { "API key \(sha256.prefix(8))…" }
}
