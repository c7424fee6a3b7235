import Access
import Authentication
import Domain
import HTTP
import JSON

/// `/api_keys`: keys with which people and programs show who they are. Every service has the same.
///
/// Whoever may `api_key:create`, `…:list` and `…:delete` may so for everybody; with `_own` behind it, for themselves.
struct APIKeyRoutes: Sendable {
    static let maximumNameBytes = 128
    /// Ten years, in seconds.
    static let maximumLifetime: Int64 = 315_360_000
    /// Of one owner; expired ones count until they are deleted.
    static let maximumKeysPerOwner = 100

    let authority: AccessAuthority
    let now: @Sendable () -> Timestamp
    let makeID: @Sendable () -> UUIDv7
    /// The same key for the same id and `Idempotency-Key`: a repetition is answered as the first request was, though
    /// the key is kept nowhere.
    let mint: @Sendable (UUIDv7, IdempotencyKey?) -> APIKey

    var routes: [Route] {
        [
            .get("/api_keys", .requires("api_key:list"), list).servingOwners(),
            .post("/api_keys", .requires("api_key:create"), create).servingOwners(),
            .delete("/api_keys/{id}", .requires("api_key:delete"), revoke),
        ]
    }

    private func list(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let parameters = try PageParameters(request, filters: ["owner"])
        let seesAll = context.rights.may("api_key:list", APIKeyOwners.collection)
        let keys = try authority.book().rules.filter { rule in
            guard let key = rule.apiKey, seesAll || context.rights.owns(key.owner) else { return false }
            return parameters["owner"].map { $0.utf8.elementsEqual(key.owner.utf8) } ?? true
        }
        return parameters.response(try RuleListing.page(keys, parameters.page), as: "api_keys", \.keyJSON)
    }

    private func create(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let body = try await request.json()
        let idempotencyKey = try request.idempotencyKey(context, body: body)
        let id = makeID()
        let key = mint(id, idempotencyKey)
        let entry = try entry(JSONFields(body), for: key, context)
        let rule = AccessRule(
            .apiKey(entry), id: id, createdAt: now(), createdBy: context.principal?.subject ?? "")
        let answer = try await authority.change(once: idempotencyKey) {
            draft throws(ServiceError) in
            let others = draft.rules.count { $0.apiKey?.owner.utf8.elementsEqual(entry.owner.utf8) ?? false }
            guard others < Self.maximumKeysPerOwner else {
                throw .conflict(
                    code: "too_many_api_keys",
                    message: "\(entry.owner) has \(others) API keys; delete those that are not used.")
            }
            try draft.add(rule)
        }
        guard answer == rule.id else { return try repetition(of: answer, idempotencyKey) }
        context.notes.add(rule.description)
        return try response(rule, key)
    }

    /// The answer that an earlier request with the same `Idempotency-Key` got.
    private func repetition(of id: String, _ idempotencyKey: IdempotencyKey?) throws(ServiceError) -> HTTPResponse {
        if let rule = try authority.book().rules.first(where: { $0.id == id }), let uuid = UUIDv7(id) {
            let key = mint(uuid, idempotencyKey)
            if rule.apiKey?.digest == key.sha256 { return try response(rule, key) }
        }
        throw .conflict(
            code: "api_key_not_shown_again",
            message: "The API key \(id) was made for this Idempotency-Key, and is gone, or was made with another admin "
                + "key and cannot be shown again. Use another Idempotency-Key.")
    }

    private func response(_ rule: AccessRule, _ key: APIKey) throws(ServiceError) -> HTTPResponse {
        guard case .object(var document) = rule.keyJSON else {
            throw ServiceError.internalFault(detail: "an API key is no object")
        }
        document["key"] = .string(key.text)
        return .json(
            .created, .object(document),
            fields: ["Location": "/api_keys/\(rule.id)", "Cache-Control": "no-store"])
    }

    private func revoke(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        guard let id = UUIDv7(context.parameters["id"])?.description else {
            throw ServiceError.notFound(kind: "api_key", id: context.parameters["id"])
        }
        let key = try authority.book().rules.first { $0.apiKey != nil && $0.id == id }
        _ = try await authority.change { draft throws(ServiceError) in try draft.removeKey(id) }
        if let key { context.notes.add(key.description) }
        return HTTPResponse(.noContent)
    }

    // MARK: What is asked for

    private func entry(
        _ fields: JSONFields, for key: APIKey, _ context: RequestContext
    ) throws(ServiceError) -> APIKeyEntry {
        let name = fields.optionalString("name", maximumLength: Self.maximumNameBytes)
        let owner = fields.optionalString("owner", maximumLength: SubjectName.maximumBytes)
        let expiry = expiry(fields)
        try fields.validate()
        let caller = context.principal?.subject ?? ""
        let wanted = owner ?? caller
        if !context.rights.may("api_key:create", APIKeyOwners.collection) {
            try refuseToServeOwner(wanted, context)
        }
        guard let user = SubjectName.user(wanted) else {
            throw .unprocessable(
                code: "reserved_owner",
                message: owner == nil
                    ? "\(caller) is no user; say with owner whose key it is to be."
                    : "An API key is for users: not for admin, nor for what begins with app:, group: or role:."
            )
        }
        return APIKeyEntry(name: name ?? "", owner: user.description, digest: key.sha256, expiresAt: expiry)
    }

    /// For callers who may make keys for themselves only.
    private func refuseToServeOwner(_ wanted: String, _ context: RequestContext) throws(ServiceError) {
        guard context.rights.owns(wanted) else {
            throw .permissionDenied("\(context.rights.subject) may make API keys for themselves only.")
        }
        // Or a key that was stolen would have made others before it is deleted.
        if case .apiKey = context.principal?.credential {
            throw .permissionDenied("An API key makes no other for its owner; ask with another credential.")
        }
    }

    private func expiry(_ fields: JSONFields) -> Timestamp? {
        let lifetime = fields.optionalInteger("expires_in_seconds", in: 1...Self.maximumLifetime)
        guard let text = fields.optionalString("expires_at", maximumLength: 64) else {
            return lifetime.map { now() + .seconds($0) }
        }
        let expiry = Timestamp(text)
        if let expiry {
            if expiry <= now() { fields.reject("expires_at", "is over") }
        } else {
            fields.reject("expires_at", "must be a time such as 2027-01-31T12:00:00Z")
        }
        if lifetime != nil { fields.reject("expires_at", "contradicts expires_in_seconds; give one of them") }
        return expiry
    }
}

extension AccessRule {
    /// An API key as answers have it, without what it was made of.
    fileprivate var keyJSON: JSONValue {
        guard let key = apiKey else { return .null }
        var document = JSONObject([
            ("id", .string(id)), ("name", .string(key.name)), ("owner", .string(key.owner)),
        ])
        document["created_at"] = createdAt.map { .string($0.description) }
        document["created_by"] = createdBy.map(JSONValue.string)
        document["expires_at"] = key.expiresAt.map { .string($0.description) }
        return .object(document)
    }
}
