import Domain

/// Lets its holder send inference requests to a private service. Only the hash of its text is kept.
public struct EndpointToken: Hashable, Sendable, Codable {
    public static let maximumNameLength = 63
    public static let requestsPerMinuteRange = 1...1_000_000
    public static let tokensPerMinuteRange = 1...1_000_000_000

    public let id: EndpointTokenID
    /// What the token is for, in its owner's words: `isName` holds, or it is empty.
    public let name: String
    /// SHA-256 of the token's text, 64 lower-case hexadecimal digits.
    public let sha256: String
    public let createdAt: Timestamp
    /// Nil means never.
    public let expiresAt: Timestamp?
    /// Nil means any number. Each gateway counts for itself.
    public let requestsPerMinute: Int?
    /// Tokens of prompts and answers together; nil means any number. Each gateway counts for itself.
    public let tokensPerMinute: Int?

    public init(
        id: EndpointTokenID, name: String, sha256: String, createdAt: Timestamp, expiresAt: Timestamp?,
        requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil
    ) {
        self.id = id
        self.name = name
        self.sha256 = sha256
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
    }

    /// What a name must be, as the end of a sentence that begins with the field's name.
    public static let nameRule =
        "must be 1 to \(maximumNameLength) letters (a to z, A to Z), digits, spaces, '.', '_' or '-', "
        + "without a space at either end"

    /// Whether `text` is a name that tables, logs and shells show as it is.
    public static func isName(_ text: String) -> Bool {
        (1...maximumNameLength).contains(text.utf8.count) && text.first != " " && text.last != " "
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: " "), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private enum CodingKeys: String, CodingKey {
        case id, name, sha256
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case requestsPerMinute = "requests_per_minute"
        case tokensPerMinute = "tokens_per_minute"
    }
}
