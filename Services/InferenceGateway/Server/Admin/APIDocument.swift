import HTTP
import JSON

/// The OpenAPI 3.1 document of both listeners. It is checked in under `docs/openapi/`, and a test holds it and the
/// routes together.
enum APIDocument {
    static var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "InferenceGateway",
                "summary": "The data plane: routes, authenticates, balances, streams and meters inference requests.",
                "version": "1",
            ],
            "paths": .object(JSONObject(dataPaths + adminPaths)),
            "components": [
                "securitySchemes": [
                    "endpoint_token": [
                        "type": "http", "scheme": "bearer",
                        "description":
                            "A token of the service; public services need none. `BackendAI TOKEN` works too.",
                    ],
                    "admin_key": ["type": "http", "scheme": "bearer"],
                ],
                "schemas": ["OpenAIError": openAIError, "OpenInferenceError": openInferenceError, "Problem": problem],
            ],
        ]
    }

    private static let dataPaths: [(String, JSONValue)] =
        [
            ("/v1/models", ["get": openAI("listModels", "The services that the caller may use.", ["200", "400"])]),
            (
                "/v1/models/{name}",
                [
                    "parameters": [parameter("name", "The service.")],
                    "get": openAI("getModel", "One service.", ["200", "401", "403", "404"]),
                ]
            ),
            (
                "/v1/{path}",
                [
                    "parameters": [parameter("path", "chat/completions, completions, embeddings, responses, …")],
                    "post": openAI(
                        "infer", "Goes to the service that the body's `model` names; streams pass through.",
                        ["200", "400", "401", "403", "404", "408", "413", "415", "429", "502", "503", "504"]),
                ]
            ),
            ("/v2", ["get": openInference("describeServer", "The server and what it can do.", ["200"])]),
            ("/v2/health/live", ["get": openInference("serverIsLive", "`{\"live\":true}`", ["200"])]),
            (
                "/v2/health/ready",
                [
                    "get": openInference(
                        "serverIsReady", "`{\"ready\":true}` once a route table is known.", ["200", "503"])
                ]
            ),
        ]
        + modelPaths("/v2/models/{name}", "")
        + modelPaths("/v2/models/{name}/versions/{version}", "Version")
        + [servicePath]

    private static func modelPaths(_ path: String, _ suffix: String) -> [(String, JSONValue)] {
        let parameters: JSONValue = .array(
            [parameter("name", "The service; its engine knows its model by the same name.")]
                + (suffix.isEmpty ? [] : [parameter("version", "The engine's own version.")]))
        let statuses = ["200", "400", "401", "403", "404", "408", "413", "429", "502", "503", "504"]
        var live = openInference(
            "modelIsLive\(suffix)", "Whether any instance is ready.", ["200", "401", "403", "503"])
        let alsoLive = openInference(
            "postModelIsLive\(suffix)", "Whether any instance is ready.", ["200", "401", "403", "503"])
        live = ["parameters": parameters, "get": live, "post": alsoLive]
        return [
            (
                path,
                [
                    "parameters": parameters,
                    "get": openInference("describeModel\(suffix)", "Inputs and outputs of a model.", statuses),
                ]
            ),
            (
                "\(path)/ready",
                [
                    "parameters": parameters,
                    "get": openInference("modelIsReady\(suffix)", "Whether it can infer.", statuses),
                ]
            ),
            (
                "\(path)/infer",
                [
                    "parameters": parameters,
                    "post": openInference(
                        "inferTensors\(suffix)", "JSON or binary tensors, passed through as they are.", statuses),
                ]
            ),
            ("\(path)/health/live", live),
        ]
    }

    private static let servicePath: (String, JSONValue) =
        (
            "/services/{name}/{path}",
            [
                "parameters": [
                    parameter("name", "The service."), parameter("path", "Any path of its engine, slashes included."),
                ],
                "get": service("getFromService"), "post": service("postToService"), "put": service("putToService"),
                "patch": service("patchService"), "delete": service("deleteFromService"),
            ]
        )

    private static let adminPaths: [(String, JSONValue)] = [
        ("/healthz", admin("live", "Whether the process runs.", ["200"], .open)),
        (
            "/readyz",
            admin("ready", "Whether a route table was loaded, and how old it is.", ["200", "503"], .open)
        ),
        (
            "/metrics",
            admin("metrics", "Counters in Prometheus' text format.", ["200", "401"], .requires("metrics:read"))
        ),
        ("/openapi.json", admin("openAPI", "This document.", ["200", "401"], .requires("documentation:read"))),
        (
            "/docs",
            admin("documentation", "This document, to be read.", ["200", "401"], .requires("documentation:read"))
        ),
    ]

    private static func openAI(_ id: String, _ summary: String, _ statuses: [String]) -> JSONValue {
        operation(id, summary, statuses, security: "endpoint_token", errors: "OpenAIError")
    }

    private static func openInference(_ id: String, _ summary: String, _ statuses: [String]) -> JSONValue {
        operation(
            id, summary, statuses, security: "endpoint_token", isTokenNeeded: statuses.contains("401"),
            errors: "OpenInferenceError")
    }

    private static func service(_ id: String) -> JSONValue {
        operation(
            id, "The engine's own answer, streamed as it comes.",
            ["200", "400", "401", "403", "404", "408", "413", "429", "502", "503", "504"], security: "endpoint_token",
            errors: "Problem")
    }

    private static func admin(
        _ id: String, _ summary: String, _ statuses: [String], _ access: Route.Access
    ) -> JSONValue {
        let permission: String? =
            switch access {
            case .open: nil
            case .requires(let permission): permission
            }
        return [
            "servers": [["url": "http://127.0.0.1:8089", "description": "The admin listener."]],
            "get": operation(
                id, summary, statuses, security: permission == nil ? nil : "admin_key", permission: permission,
                errors: "Problem"),
        ]
    }

    private static func operation(
        _ id: String, _ summary: String, _ statuses: [String], security: String?, permission: String? = nil,
        isTokenNeeded: Bool = true, errors: String
    ) -> JSONValue {
        let mediaType = errors == "Problem" ? Problem.contentType : "application/json"
        let responses = statuses.map { status -> (String, JSONValue) in
            guard status != "200" else { return (status, ["description": "The answer."]) }
            let schema: JSONValue = ["$ref": .string("#/components/schemas/\(errors)")]
            return (
                status, ["description": "Refused.", "content": .object(JSONObject([(mediaType, ["schema": schema])]))]
            )
        }
        var document = JSONObject([
            ("operationId", .string(id)), ("summary", .string(summary)),
            (
                "security",
                security.map { .array([.object(JSONObject([($0, [])]))] + (isTokenNeeded ? [] : [[:]])) } ?? []
            ),
        ])
        document["x-permission"] = permission.map(JSONValue.string)
        document["responses"] = .object(JSONObject(responses))
        return .object(document)
    }

    private static func parameter(_ name: String, _ description: String) -> JSONValue {
        [
            "name": .string(name), "in": "path", "required": true, "description": .string(description),
            "schema": ["type": "string"],
        ]
    }

    private static let openAIError: JSONValue = [
        "type": "object", "required": ["error"],
        "properties": [
            "error": [
                "type": "object", "required": ["message", "type", "param", "code"],
                "properties": [
                    "message": ["type": "string"], "type": ["type": "string"], "param": ["type": ["string", "null"]],
                    "code": ["type": ["string", "null"]],
                ],
            ]
        ],
    ]

    private static let openInferenceError: JSONValue = [
        "type": "object", "required": ["error"], "properties": ["error": ["type": "string"]],
    ]

    private static let problem: JSONValue = [
        "type": "object", "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "detail": ["type": "string"], "instance": ["type": "string"], "code": ["type": "string"],
            "trace_id": ["type": "string"],
        ],
    ]
}
