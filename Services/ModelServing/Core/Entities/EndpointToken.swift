import Domain

/// Lets its holder send inference requests to a private service. Only the hash of its text is kept.
public struct EndpointToken: Hashable, Sendable, Codable {
    public static let maximumNameLength = 128

    public let id: EndpointTokenID
    /// What the token is for, in its owner's words; may be empty.
    public let name: String
    /// SHA-256 of the token's text, 64 lower-case hexadecimal digits.
    public let sha256: String
    public let createdAt: Timestamp
    /// Nil means never.
    public let expiresAt: Timestamp?

    public init(id: EndpointTokenID, name: String, sha256: String, createdAt: Timestamp, expiresAt: Timestamp?) {
        self.id = id
        self.name = name
        self.sha256 = sha256
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, sha256
        case createdAt = "created_at"
        case expiresAt = "expires_at"
    }
}
