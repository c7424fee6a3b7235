/// Makes the secrets of endpoint tokens.
public protocol TokenMint: Sendable {
    /// A text that nobody can guess, and its SHA-256 as 64 lower-case hexadecimal digits.
    func mint() -> (text: String, sha256: String)
}
