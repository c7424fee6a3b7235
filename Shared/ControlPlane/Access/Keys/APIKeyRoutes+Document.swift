import Domain
import HTTP
import JSON

extension APIKeyRoutes {
    /// What every server's document says of them.
    static let operations: [APIOperation] = [
        APIOperation(
            .get, "/api_keys", .requires("api_key:list"), id: "listAPIKeys",
            "List API keys, without their texts. Who has only api_key:list_own sees their own.",
            parameters: [.query("owner", "Only those with exactly this owner."), .pageSize, .pageToken],
            responses: [.init(.ok, "A page of them.", APISchema.page(of: "api_keys", "APIKey"))]),
        APIOperation(
            .post, "/api_keys", .requires("api_key:create"), id: "createAPIKey",
            "Make an API key. Its text is shown this once. Every service knows it within two seconds.",
            parameters: [.idempotencyKey], request: APISchema.reference("APIKeyRequest"),
            responses: [.init(.created, "The key, with its text.", APISchema.reference("NewAPIKey"))]),
        APIOperation(
            .delete, "/api_keys/{id}", .requires("api_key:delete"), id: "revokeAPIKey",
            "End an API key. No service takes it two seconds later.",
            responses: [.init(.noContent, "It is gone.")]),
    ]

    static let schemas: [(String, JSONValue)] = [
        ("APIKey", APISchema.object(members, required: ["id", "name", "owner"])),
        (
            "NewAPIKey",
            APISchema.object(
                members + [("key", ["type": "string", "description": "A secret: slk_ and 43 characters."])],
                required: ["id", "name", "owner", "key"])
        ),
        (
            "APIKeyRequest",
            APISchema.object([
                ("name", APISchema.text(maximumNameBytes, "What it is for.")),
                (
                    "owner",
                    APISchema.text(SubjectName.maximumBytes, "Who makes requests with it; by default the caller.")
                ),
                (
                    "expires_in_seconds",
                    ["type": "integer", "minimum": 1, "maximum": .integer(maximumLifetime)]
                ),
                ("expires_at", APISchema.time),
            ])
        ),
    ]

    private static let members: [(String, JSONValue)] = [
        ("id", APISchema.uuid), ("name", APISchema.text(maximumNameBytes)),
        ("owner", APISchema.text(SubjectName.maximumBytes)), ("created_at", APISchema.time),
        ("created_by", ["type": "string"]), ("expires_at", APISchema.time),
    ]
}
