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

    /// The token's text is in this answer and nowhere else.
    public func issue(
        for service: String, name: String, expiresAt: Timestamp?
    ) async throws(ServiceError) -> (token: EndpointToken, text: String) {
        let now = ambient.now()
        if let expiresAt, expiresAt <= now { throw .invalid("/expires_at", "must be in the future") }
        let (text, sha256) = mint.mint()
        let token = EndpointToken(
            id: ambient.newID(), name: name, sha256: sha256, createdAt: now, expiresAt: expiresAt)
        _ = try await change.apply(to: service, .none) { service throws(ServiceError) in
            try service.addToken(token, at: now)
        }
        return (token, text)
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
