import Access
import Domain
import HTTP
import JSON

/// Routes of one kind of rule: list, read, add, remove.
///
/// All of them are under `policy:…`: whoever may bind somebody to a role gives away what the role may.
struct RuleCollection: Sendable {
    /// `policies`: the path, and the member of a listing.
    let name: String
    /// `policy`, for errors.
    let kind: String
    /// By which a rule is found: `id`, or `name`.
    let key: String
    /// Query parameters by which a listing can be narrowed, each with the text that a rule has for it.
    let filters: [(name: String, value: @Sendable (AccessRule) -> String?)]
    /// The rules of this kind.
    let rules: @Sendable (AccessBook) -> [AccessRule]
    let read: @Sendable (JSONFields) -> AccessRule.Content?
    let remove: @Sendable (inout RuleDraft, String) throws(ServiceError) -> Void

    let authority: AccessAuthority
    let now: @Sendable () -> Timestamp
    let makeID: @Sendable () -> UUIDv7

    var routes: [Route] {
        [
            .get(PathPattern("/\(name)"), .requires("policy:list"), list),
            .post(PathPattern("/\(name)"), .requires("policy:create"), create),
            .get(PathPattern("/\(name)/{\(key)}"), .requires("policy:list"), get),
            .delete(PathPattern("/\(name)/{\(key)}"), .requires("policy:delete"), delete),
        ]
    }

    private func list(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let parameters = try PageParameters(request, filters: filters.map(\.name))
        let found = rules(try authority.book()).filter { rule in
            filters.allSatisfy { filter in parameters[filter.name].map { $0 == filter.value(rule) } ?? true }
        }
        return parameters.response(try RuleListing.page(found, parameters.page), as: name, \.json)
    }

    private func get(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let wanted = context.parameters[key]
        guard let rule = rules(try authority.book()).first(where: { self.key(of: $0) == wanted }) else {
            throw ServiceError.notFound(kind: kind, id: wanted)
        }
        return .json(.ok, rule.json)
    }

    private func create(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let body = try await request.json()
        let fields = JSONFields(body)
        let content = try fields.validated(read(fields))
        let rule = AccessRule(
            content, id: makeID(), createdAt: now(), createdBy: context.principal?.subject ?? "")
        let answer = try await authority.change(once: try request.idempotencyKey(context, body: body)) {
            draft throws(ServiceError) in try draft.add(rule)
        }
        context.notes.add(rule.description)
        return .json(
            .created, .object(JSONObject([(key, .string(answer))])), fields: ["Location": "/\(name)/\(answer)"])
    }

    private func delete(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let wanted = context.parameters[key]
        let rule = rules(try authority.book()).first { key(of: $0) == wanted }
        _ = try await authority.change { draft throws(ServiceError) in try remove(&draft, wanted) }
        if let rule { context.notes.add(rule.description) }
        return HTTPResponse(.noContent)
    }

    private func key(of rule: AccessRule) -> String {
        if case .role(let entry) = rule.content { return entry.name.description }
        return rule.id
    }
}
