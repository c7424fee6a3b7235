import Access
import Domain
import HTTP
import JSON

/// What would be decided, and why: asked by people who write rules.
struct AccessQuestions: Sendable {
    /// Groups of one subject that is asked about.
    static let maximumGroups = 256

    let authority: AccessAuthority
    let now: @Sendable () -> Timestamp
    let makeID: @Sendable () -> UUIDv7

    var routes: [Route] {
        [
            .post("/policies:explain", .requires("policy:explain"), explain).reading(),
            .post("/policies:dry_run", .requires("policy:dry_run"), dryRun).reading(),
        ]
    }

    private func explain(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let fields = JSONFields(try await request.json())
        let subject = fields.subject("sub")
        let groups = fields.optionalTexts(
            "groups", maximumCount: Self.maximumGroups, "is no name of a group"
        ) { text in SubjectName("group:" + text).map { _ in text } }
        let object = fields.value(
            "obj", maximumLength: AccessLimits.maximumObjectBytes, "must not be empty"
        ) { $0.isEmpty ? nil : $0 }
        let action = fields.value(
            "act", maximumLength: AccessLimits.maximumActionBytes, "must be a permission such as model:get"
        ) {
            RulePatterns.isAction($0) && !$0.contains("*") ? $0 : nil
        }
        let (sub, obj, act) = try fields.validated(subject, object, action)
        let principal = Principal(subject: sub.description, groups: groups ?? [])
        let book = try authority.book()
        let explanation = book.explain(AccessRequest(principal, obj, act))
        return .json(.ok, Self.json(explanation, ownedToo: book.isAllowed(principal, obj, act + "_own")))
    }

    private static func json(_ explanation: AccessExplanation, ownedToo: Bool) -> JSONValue {
        let decision = explanation.decision
        var document = JSONObject([
            ("allowed", .bool(decision.isAllowed)),
            ("allowed_as_owner", .bool(decision.isAllowed || (ownedToo && !decision.isDenied))),
            ("reason", .string(reason(decision))),
        ])
        document["rule"] = decision.rule?.json
        document["path"] = .array(explanation.path.map(JSONValue.string))
        document["roles"] = .array(explanation.roles.map(JSONValue.string))
        return .object(document)
    }

    private static func reason(_ decision: AccessDecision) -> String {
        if let problem = decision.problem { return "It cannot be decided, which is a refusal: \(problem)." }
        guard let rule = decision.rule else {
            return decision.isAllowed ? "No rule denies it." : "No rule allows it."
        }
        return "\(decision.isAllowed ? "Allowed" : "Denied") by: \(rule)"
    }

    private func dryRun(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let trial = try RuleTrial(JSONFields(try await request.json()))
        let creator = context.principal?.subject ?? ""
        let result = try await authority.dryRun { draft throws(ServiceError) in
            try trial.edit(&draft) { AccessRule($0, id: makeID(), createdAt: now(), createdBy: creator) }
        }
        var document = JSONObject([
            ("decisions", .integer(Int64(result.decisions))),
            ("changes", .array(result.differences.map(Self.json))),
        ])
        document["lockout"] = result.lockout.map(JSONValue.string)
        return .json(.ok, .object(document))
    }

    private static func json(_ difference: DryRun.Difference) -> JSONValue {
        let principal = difference.request.principal
        var document = JSONObject([
            ("sub", .string(principal.subject)), ("groups", .array(principal.groups.map(JSONValue.string))),
            ("obj", .string(difference.request.object)), ("act", .string(difference.request.action)),
            ("allowed_before", .bool(difference.before.isAllowed)),
            ("allowed_after", .bool(difference.after.isAllowed)),
            ("count", .integer(Int64(difference.count))), ("last_at", .string(difference.lastAt.description)),
        ])
        document["rule_before"] = difference.before.rule.map { .string($0.description) }
        document["rule_after"] = difference.after.rule.map { .string($0.description) }
        return .object(document)
    }
}
