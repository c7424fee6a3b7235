import Cryptography

/// A token that lets its bearer use one model service through the gateway. Its text is shown once, when it is made;
/// afterwards only its digest exists.
public struct EndpointToken: Sendable, CustomStringConvertible {
    /// Tells a token from other secrets, for people and for scanners of leaked ones.
    public static let prefix = "slp_"
    /// Random bytes in a token.
    public static let byteCount = 32

    /// `slp_` and 43 characters. A secret.
    public let text: String
    /// SHA-256 of the text, 64 lower-case hexadecimal digits: what is stored and compared.
    public let sha256: String

    /// Makes a new one from the system's generator.
    public static func make() -> EndpointToken {
        EndpointToken(text: prefix + SecureRandom.base64URL(byteCount: byteCount))
    }

    /// The one token that belongs to `purpose`. Whoever does not know `secret` can tell it from none that `make` makes.
    public static func derived(from purpose: String, secret: String) -> EndpointToken {
        let message = "endpoint token\n\(purpose)"
        let code = HMACSHA256.authenticationCode(for: Array(message.utf8), key: Array(secret.utf8))
        return EndpointToken(text: prefix + Base64URL.encode(code.bytes))
    }

    private init(text: String) {
        self.text = text
        sha256 = Self.sha256(of: text)
    }

    /// The digest under which a presented token is looked up. With 256 random bits in the text, a fast hash without
    /// salt is enough.
    public static func sha256(of text: String) -> String { SHA256.hash(text).hex }

    /// Without the secret.
    public var description: String { "endpoint token \(sha256.prefix(8))…" }
}
