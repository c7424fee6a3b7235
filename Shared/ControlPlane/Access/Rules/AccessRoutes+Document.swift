import Access
import Domain
import HTTP
import JSON

extension AccessRoutes {
    /// What every server's document says of them.
    static let operations: [APIOperation] =
        collection("policies", "Policy", "Policies", key: "id", filters: ["sub"])
        + collection("roles", "Role", "Roles", key: "name", filters: [])
        + collection("role_bindings", "RoleBinding", "RoleBindings", key: "id", filters: ["sub", "role"])
        + [
            APIOperation(
                .post, "/policies:explain", .requires("policy:explain"), id: "explainAccess",
                "Whether somebody may do something, by which rule, and over which roles.",
                request: APISchema.reference("AccessQuestion"),
                responses: [.init(.ok, "The decision.", APISchema.reference("AccessExplanation"))]),
            APIOperation(
                .post, "/policies:dry_run", .requires("policy:dry_run"), id: "tryPolicies",
                "Which of the last decisions of this process a change would turn. Changes nothing.",
                request: APISchema.reference("PolicyTrial"),
                responses: [.init(.ok, "What would change.", APISchema.reference("PolicyTrialResult"))]),
        ]

    private static func collection(
        _ path: String, _ type: String, _ types: String, key: String, filters: [String]
    ) -> [APIOperation] {
        let what = path.map { $0 == "_" ? " " : String($0) }.joined()
        return [
            APIOperation(
                .get, "/\(path)", .requires("policy:list"), id: "list\(types)",
                "List \(what): those of the policy file, then those that were added.",
                parameters: filters.map { .query($0, "Only those with exactly this \($0).") } + [
                    .pageSize, .pageToken,
                ],
                responses: [.init(.ok, "A page of them.", APISchema.page(of: path, type))]),
            APIOperation(
                .post, "/\(path)", .requires("policy:create"), id: "create\(type)",
                "Add one. Decisions of this service follow it at once, those of the others within two seconds.",
                parameters: [.idempotencyKey], request: APISchema.reference(type),
                responses: [.init(.created, "It counts now.", APISchema.object([(key, ["type": "string"])]))]),
            APIOperation(
                .get, "/\(path)/{\(key)}", .requires("policy:list"), id: "get\(type)", "One of the \(what).",
                responses: [.init(.ok, "It.", APISchema.reference(type))]),
            APIOperation(
                .delete, "/\(path)/{\(key)}", .requires("policy:delete"), id: "delete\(type)",
                "Remove one that was added; those of the policy file stay.",
                responses: [.init(.noContent, "It does not count any more.")]),
        ]
    }

    static let schemas: [(String, JSONValue)] = [
        (
            "Policy",
            APISchema.object(
                [
                    ("id", ["type": "string", "readOnly": true]), subject,
                    ("obj", APISchema.text(AccessLimits.maximumObjectBytes, "models, models/{id}, models/*, or *.")),
                    ("act", APISchema.text(AccessLimits.maximumActionBytes, "model:get, model:*, or *.")),
                    ("eft", ["type": "string", "enum": ["allow", "deny"], "default": "allow"]),
                ] + origin, required: ["sub", "obj", "act"])
        ),
        (
            "Role",
            APISchema.object(
                [
                    ("name", APISchema.text(EntityName.maximumLength, "Without the role: that rules put before it.")),
                    ("description", APISchema.text(AccessLimits.maximumDescriptionBytes)),
                ] + origin, required: ["name"])
        ),
        (
            "RoleBinding",
            APISchema.object(
                [
                    ("id", ["type": "string", "readOnly": true]), subject,
                    ("role", APISchema.text(SubjectName.maximumBytes, "role:model-reader.")),
                ] + origin, required: ["sub", "role"])
        ),
        (
            "AccessQuestion",
            APISchema.object(
                [
                    subject, ("groups", APISchema.list(of: ["type": "string"])),
                    ("obj", APISchema.text(AccessLimits.maximumObjectBytes)),
                    ("act", APISchema.text(AccessLimits.maximumActionBytes)),
                ], required: ["sub", "obj", "act"])
        ),
        (
            "AccessExplanation",
            APISchema.object(
                [
                    ("allowed", ["type": "boolean"]),
                    ("allowed_as_owner", ["type": "boolean", "description": "Whether the thing's owner may."]),
                    ("reason", ["type": "string"]), ("rule", APISchema.reference("Policy")),
                    ("path", APISchema.list(of: ["type": "string"])),
                    ("roles", APISchema.list(of: ["type": "string"])),
                ], required: ["allowed", "allowed_as_owner", "reason", "path", "roles"])
        ),
        (
            "PolicyTrial",
            APISchema.object([
                (
                    "add",
                    APISchema.object([
                        ("policies", APISchema.list(of: APISchema.reference("Policy"))),
                        ("roles", APISchema.list(of: APISchema.reference("Role"))),
                        ("role_bindings", APISchema.list(of: APISchema.reference("RoleBinding"))),
                    ])
                ),
                (
                    "remove",
                    APISchema.object(
                        ["policies", "roles", "role_bindings"].map { ($0, APISchema.list(of: ["type": "string"])) })
                ),
            ])
        ),
        (
            "PolicyTrialResult",
            APISchema.object(
                [
                    ("decisions", APISchema.count),
                    ("changes", APISchema.list(of: APISchema.reference("ChangedDecision"))),
                    ("lockout", ["type": "string", "description": "Why the change itself would be refused."]),
                ], required: ["decisions", "changes"])
        ),
        (
            "ChangedDecision",
            APISchema.object(
                [
                    ("sub", ["type": "string"]), ("groups", APISchema.list(of: ["type": "string"])),
                    ("obj", ["type": "string"]), ("act", ["type": "string"]),
                    ("allowed_before", ["type": "boolean"]), ("allowed_after", ["type": "boolean"]),
                    ("rule_before", ["type": "string"]), ("rule_after", ["type": "string"]),
                    ("count", APISchema.count), ("last_at", APISchema.time),
                ], required: ["sub", "obj", "act", "allowed_before", "allowed_after", "count", "last_at"])
        ),
    ]

    private static let subject: (String, JSONValue) = (
        "sub",
        APISchema.text(
            SubjectName.maximumBytes, "alice, group:research, app:model-serving, role:model-reader, or admin.")
    )

    private static let origin: [(String, JSONValue)] = [
        (
            "source",
            [
                "type": "string", "enum": ["file", "store"], "readOnly": true,
                "description": "What the policy file says cannot be changed here.",
            ]
        ),
        ("created_at", ["type": "string", "format": "date-time", "readOnly": true]),
        ("created_by", ["type": "string", "readOnly": true]),
    ]
}
