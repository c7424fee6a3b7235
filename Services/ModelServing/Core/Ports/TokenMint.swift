import Domain

/// Makes the secrets of endpoint tokens.
public protocol TokenMint: Sendable {
    /// A text that nobody can guess, and its SHA-256 as 64 lower-case hexadecimal digits.
    /// - Parameter key: for the same token and key the same text, so that a first answer can be given again without
    ///   being kept.
    func mint(_ id: EndpointTokenID, for key: IdempotencyKey?) -> (text: String, sha256: String)
}
