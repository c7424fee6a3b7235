import Domain

/// Issues, lists and revokes the tokens of a service.
public struct EndpointTokens: Sendable {
    private let change: ChangeModelService
    private let find: FindModelService
    private let mint: any TokenMint
    private let ambient: Ambient

    public init(change: ChangeModelService, find: FindModelService, mint: any TokenMint, ambient: Ambient) {
        self.change = change
        self.find = find
        self.mint = mint
        self.ambient = ambient
    }

    /// The token's text is in this answer and nowhere else. A request that comes again with the same key gets the same
    /// token, also if that has been revoked meanwhile.
    /// - Throws: `.conflict` (`token_not_shown_again`) if the admin key has changed since the first answer.
    public func issue(
        for service: String, name: String, expiresAt: Timestamp?, requestsPerMinute: Int? = nil,
        tokensPerMinute: Int? = nil, once key: IdempotencyKey?
    ) async throws(ServiceError) -> (token: EndpointToken, text: String) {
        let now = ambient.now()
        let id: EndpointTokenID = ambient.newID()
        let minted = mint.mint(id, for: key)
        let fresh = EndpointToken(
            id: id, name: name, sha256: minted.sha256, createdAt: now, expiresAt: expiresAt,
            requestsPerMinute: requestsPerMinute, tokensPerMinute: tokensPerMinute)
        let token = try await change.apply(to: service, once: key) { service throws(ServiceError) in
            if let expiresAt, expiresAt <= now { throw .invalid("/expires_at", "must be in the future") }
            try service.addToken(fresh, at: now)
            return fresh
        }
        // Of a repeated request it is the first one's, with another id.
        let shown = token.id == id ? minted : mint.mint(token.id, for: key)
        guard token.sha256 == shown.sha256 else {
            throw .conflict(
                code: "token_not_shown_again",
                message:
                    "The token \(token.id) was issued for this Idempotency-Key under another admin key, and cannot "
                    + "be shown again. Revoke it, and issue one with a new key.")
        }
        return (token, shown.text)
    }

    public func list(of service: String) async throws(ServiceError) -> [EndpointToken] {
        try await find(service).tokens
    }

    public func revoke(_ id: EndpointTokenID, of service: String) async throws(ServiceError) {
        let now = ambient.now()
        _ = try await change.apply(to: service, .none) { service throws(ServiceError) in
            try service.revokeToken(id, at: now)
        }
    }
}
