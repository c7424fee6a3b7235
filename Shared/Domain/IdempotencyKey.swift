/// A caller's word that requests with the same key are one request, sent again because an answer was lost.
///
/// Both parts are digests, so neither the caller's key nor the request's content is kept.
public struct IdempotencyKey: Hashable, Sendable {
    /// Names the key, its caller and the operation together.
    public let digest: String
    /// Of the request's content: the same key with another one is a mistake of the caller.
    public let fingerprint: String

    public init(digest: String, fingerprint: String) {
        self.digest = digest
        self.fingerprint = fingerprint
    }
}
