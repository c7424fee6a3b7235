import Authentication
import ControlPlane
import Domain
import HTTP
import JSON
import ModelServingCore

/// `/model_services/{id}/tokens`: who may send requests to a private service.
struct TokenRoutes: Sendable {
    private typealias Token = ModelServingCore.EndpointToken

    /// Ten years, in seconds.
    private static let maximumLifetime: Int64 = 315_360_000

    let tokens: EndpointTokens
    let document: ServiceDocument

    var routes: [Route] {
        [
            .post("/model_services/{id}/tokens", .requires("model_service:update"), issue),
            .get("/model_services/{id}/tokens", .requires("model_service:update"), list),
            .delete("/model_services/{id}/tokens/{token_id}", .requires("model_service:update"), revoke),
        ]
    }

    private func issue(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let sent = request.body.length == 0 ? [:] : try await request.json()
        let fields = JSONFields(sent)
        let name = Self.name(fields)
        let lifetime = fields.optionalInteger("expires_in_seconds", in: 1...Self.maximumLifetime)
        let requests = fields.optionalInteger("requests_per_minute", in: Token.requestsPerMinuteRange)
        let tokensPerMinute = fields.optionalInteger("tokens_per_minute", in: Token.tokensPerMinuteRange)
        var expiry: Timestamp?
        if let text = fields.optionalString("expires_at", maximumLength: 64) {
            expiry = Timestamp(text)
            if expiry == nil { fields.reject("expires_at", "must be a time such as 2027-01-31T12:00:00Z") }
            if lifetime != nil { fields.reject("expires_at", "contradicts expires_in_seconds; give one of them") }
        }
        try fields.validate()
        let id = context.parameters["id"]
        let expiresAt = expiry ?? lifetime.map { document.now() + .seconds($0) }
        let (token, text) = try await tokens.issue(
            for: id, name: name ?? "", expiresAt: expiresAt, requestsPerMinute: requests,
            tokensPerMinute: tokensPerMinute,
            once: try request.idempotencyKey(context, body: sent))
        guard case .object(var body) = document.json(token) else {
            throw ServiceError.internalFault(detail: "a token is no object")
        }
        body["token"] = .string(text)
        return .json(
            .created, .object(body),
            fields: ["Location": "/model_services/\(id)/tokens/\(token.id)", "Cache-Control": "no-store"])
    }

    /// Nil for a token without a name, or after a problem has been noted.
    private static func name(_ fields: JSONFields) -> String? {
        if fields.isNull("name") { fields.reject("name", "must not be null; leave it out for a token without a name") }
        return fields.optionalValue("name", maximumLength: Token.maximumNameLength, Token.nameRule) { text in
            Token.isName(text) ? text : nil
        }
    }

    private func list(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let list = try await tokens.list(of: context.parameters["id"])
        return .json(.ok, ["tokens": .array(list.map(document.json))])
    }

    private func revoke(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: EndpointTokenID = try context.parameters.identifier("token_id")
        try await tokens.revoke(id, of: context.parameters["id"])
        return HTTPResponse(.noContent)
    }
}

/// Makes tokens from the system's generator, or from the secret of this installation and the caller's key.
struct SecureTokenMint: TokenMint {
    /// The admin key.
    let secret: String

    func mint(_ id: EndpointTokenID, for key: IdempotencyKey?) -> (text: String, sha256: String) {
        let token =
            if let key {
                Authentication.EndpointToken.derived(from: "\(key.digest)\n\(id)", secret: secret)
            } else {
                Authentication.EndpointToken.make()
            }
        return (token.text, token.sha256)
    }
}
