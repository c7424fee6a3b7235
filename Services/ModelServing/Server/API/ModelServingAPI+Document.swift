import ControlPlane
import Domain
import HTTP
import JSON
import ModelServingCore

extension ModelServingAPI {
    private static let service = APISchema.reference("ModelService")

    static let serviceOperations: [APIOperation] = [
        APIOperation(
            .post, "/model_services", .requires("model_service:create"), id: "createModelService",
            "Want a model served. What follows is done by itself; the service tells how far it is.",
            parameters: [.idempotencyKey], request: APISchema.reference("ModelServiceRequest"),
            responses: [
                .init(
                    .accepted, "Wanted from now on; Location says where it is.",
                    APISchema.object([("id", APISchema.uuid), ("instance_ids", APISchema.list(of: APISchema.uuid))]))
            ]),
        APIOperation(
            .get, "/model_services", .requires("model_service:list"), id: "listModelServices",
            "List model services in the order of their creation.",
            parameters: [.pageSize, .pageToken, .query("name", "Only the service with this name.")],
            responses: [.init(.ok, "A page.", APISchema.page(of: "model_services", "ModelService"))]),
        APIOperation(
            .post, "/model_services:validate", .requires("model_service:create"), id: "validateModelService",
            "Find every problem that creating this service would meet, and change nothing.",
            request: APISchema.reference("ModelServiceRequest"),
            responses: [.init(.ok, "What was found.", APISchema.reference("Validation"))]),
        APIOperation(
            .get, "/model_services/{id}", .requires("model_service:get"), id: "getModelService",
            "A service, by its id or by that of one of its instances.",
            responses: [.init(.ok, "The service; ETag is its generation.", service)]),
        APIOperation(
            .put, "/model_services/{id}", .requires("model_service:update"), id: "updateModelService",
            "Want something else of a service. Fields that are absent stay as they are.", parameters: [.ifMatch],
            request: APISchema.reference("ModelServiceRequest"),
            responses: [.init(.ok, "The service as it is now.", service)]),
        APIOperation(
            .delete, "/model_services/{id}", .requires("model_service:delete"), id: "deleteModelService",
            "Take a service down. It is gone, and its name free, when it is not found any more.",
            parameters: [.ifMatch],
            responses: [
                .init(
                    .accepted, "Being taken down.",
                    APISchema.object([("id", APISchema.uuid), ("status", ["type": "string"])]))
            ]),
        APIOperation(
            .post, "/model_services/{id}/retry", .requires("model_service:update"), id: "retryModelService",
            "Clear what went wrong, and try again at once.", responses: [.init(.accepted, "The service.", service)]),
        APIOperation(
            .post, "/model_services/{id}/rollback", .requires("model_service:update"), id: "rollBackModelService",
            "Serve again what an earlier revision served; without a body, the last one that served something else.",
            parameters: [.ifMatch], responses: [.init(.accepted, "The service.", service)]),
    ]

    static let instanceOperations: [APIOperation] = [
        APIOperation(
            .get, "/model_services/{id}/instances", .requires("model_service:get"), id: "listInstances",
            "The instances of a service.",
            responses: [
                .init(
                    .ok, "All of them.",
                    APISchema.object([("instances", APISchema.list(of: APISchema.reference("ModelServiceInstance")))]))
            ]),
        APIOperation(
            .get, "/model_services/{id}/instances/{instance_id}", .requires("model_service:get"), id: "getInstance",
            "An instance.",
            responses: [.init(.ok, "The instance.", APISchema.reference("ModelServiceInstance"))]),
        APIOperation(
            .get, "/model_services/{id}/events", .requires("model_service:get"), id: "listEvents",
            "What happened to a service, the newest last.",
            responses: [
                .init(
                    .ok, "The last events.",
                    APISchema.object([("events", APISchema.list(of: APISchema.reference("Event")))]))
            ]),
        APIOperation(
            .get, "/model_services/{id}/logs", .requires("model_service:get"), id: "readLogs",
            "The end of what the engines of a service, or one of them, printed.",
            parameters: [
                .query(
                    "lines", "Of each instance.",
                    ["type": "integer", "minimum": 1, "maximum": 10_000, "default": 200])
            ], responses: [.init(.ok, "The lines.", logs)]),
    ]

    static let tokenOperations: [APIOperation] = [
        APIOperation(
            .post, "/model_services/{id}/tokens", .requires("model_service:update"), id: "issueToken",
            "Make a token for a private service. Its text is in this answer and nowhere else.",
            parameters: [.idempotencyKey],
            request: APISchema.object(
                [
                    (
                        "name",
                        APISchema.text(EndpointToken.maximumNameLength, "What it is for; \(EndpointToken.nameRule).")
                    ),
                    ("expires_at", APISchema.time), ("expires_in_seconds", ["type": "integer", "minimum": 1]),
                ] + tokenLimits),
            responses: [
                .init(
                    .created, "Made.",
                    APISchema.object(token + [("token", ["type": "string", "description": "The secret."])]))
            ]),
        APIOperation(
            .get, "/model_services/{id}/tokens", .requires("model_service:update"), id: "listTokens",
            "The tokens of a service, without their texts.",
            responses: [
                .init(
                    .ok, "All of them.",
                    APISchema.object([("tokens", APISchema.list(of: APISchema.object(token)))]))
            ]),
        APIOperation(
            .delete, "/model_services/{id}/tokens/{token_id}", .requires("model_service:update"), id: "revokeToken",
            "End a token.", responses: [.init(.noContent, "Ended.")]),
    ]

    static let routeOperations: [APIOperation] = [
        APIOperation(
            .get, "/routes", .requires("route:list"), id: "listRoutes",
            "Everything that a gateway needs to serve: the services, their tokens' digests, their ready instances.",
            parameters: [
                .query("versions", "As in `3:12,41:7`: only the shards that are not of these versions; empty for all."),
                .header("If-None-Match", "The ETag of an earlier answer without `versions`."),
            ],
            responses: [
                .init(.ok, "All routes.", ["type": "object"]), .init(304, "Nothing has changed since."),
            ])
    ]

    private static let token: [(String, JSONValue)] =
        [
            ("id", APISchema.uuid), ("name", ["type": "string"]), ("created_at", APISchema.time),
            ("expires_at", APISchema.time),
        ] + tokenLimits

    /// Nobody needs them to be exact over all gateways, and so each counts for itself.
    private static let tokenLimits: [(String, JSONValue)] = [
        (
            "requests_per_minute",
            bounded(EndpointToken.requestsPerMinuteRange, "At each gateway; without it, any number.")
        ),
        (
            "tokens_per_minute",
            bounded(
                EndpointToken.tokensPerMinuteRange,
                "Of prompts and answers together, at each gateway; without it, any number.")
        ),
    ]

    private static let logs = APISchema.object([
        (
            "logs",
            APISchema.list(
                of: APISchema.object([
                    ("instance_id", APISchema.uuid), ("lines", APISchema.list(of: ["type": "string"])),
                ]))
        )
    ])
}
