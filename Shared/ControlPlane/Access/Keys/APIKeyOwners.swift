import Access
import Domain

extension AccessAuthority {
    /// Who makes a request with the key of this digest; nil if there is none that is good at `time`.
    /// - Throws: `.unavailable` while the keys have never been read.
    public func owner(ofKey sha256: String, at time: Timestamp) throws(ServiceError) -> Principal? {
        guard let rule = try book().apiKey(digest: sha256), let entry = rule.apiKey,
            entry.expiresAt.map({ $0 > time }) ?? true
        else { return nil }
        return Principal(subject: entry.owner, credential: .apiKey(id: rule.id))
    }
}

extension AccessRule {
    var apiKey: APIKeyEntry? {
        if case .apiKey(let entry) = content { entry } else { nil }
    }
}

/// Finds out whose an API key is.
struct APIKeyOwners: OwnerLookup {
    static let collection = "api_keys"

    let authority: AccessAuthority

    func find(_ id: String) async throws(ServiceError) -> OwnedThing? {
        guard let id = UUIDv7(id)?.description,
            let key = try authority.book().rules.first(where: { $0.id == id })?.apiKey
        else { return nil }
        return OwnedThing(id: id, ownerID: key.owner)
    }

    func absence(of id: String) -> ServiceError { .notFound(kind: "api_key", id: id) }
}
