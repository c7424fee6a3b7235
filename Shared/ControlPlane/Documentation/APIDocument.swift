import HTTP
import JSON

/// The OpenAPI 3.1 document of a server. It is checked in under `docs/openapi/`, and a test holds it and the routes
/// together.
public struct APIDocument: Sendable {
    public let title: String
    public let summary: String
    /// With what every server of the control plane has.
    public let operations: [APIOperation]
    private let schemas: [(String, JSONValue)]

    public init(title: String, summary: String, operations: [APIOperation], schemas: [(String, JSONValue)]) {
        self.title = title
        self.summary = summary
        self.operations = operations + Self.common
        self.schemas = schemas + AccessRoutes.schemas + APIKeyRoutes.schemas + [("Problem", Self.problem)]
    }

    public var json: JSONValue {
        var paths = JSONObject()
        for operation in operations {
            var item = paths[operation.path]?.objectValue ?? JSONObject()
            item[operation.method.rawValue.lowercased()] = Self.json(operation)
            paths[operation.path] = .object(item)
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": .string(title), "summary": .string(summary), "version": "1"],
            "security": [["key": []], ["token": []], ["app_token": [], "app_id": []]],
            "paths": .object(paths),
            "components": [
                "securitySchemes": Self.securitySchemes,
                "schemas": .object(JSONObject(schemas)),
            ],
        ]
    }

    private static let securitySchemes: JSONValue = [
        "key": [
            "type": "http", "scheme": "bearer",
            "description": "An API key, slk_ and 43 characters; or the admin key, or that of the gateway.",
        ],
        "token": [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "A token of the issuer that is configured: HS256, RS256 or ES256.",
        ],
        "app_token": [
            "type": "apiKey", "in": "header", "name": "dapr-api-token",
            "description": "Set by the sidecar, for the app that it names beside.",
        ],
        "app_id": [
            "type": "apiKey", "in": "header", "name": "dapr-caller-app-id", "description": "Set by the sidecar, once.",
        ],
    ]

    private static func json(_ operation: APIOperation) -> JSONValue {
        var document = JSONObject([
            ("operationId", .string(operation.id)), ("summary", .string(operation.summary)),
        ])
        switch operation.access {
        case .open: document["security"] = []
        case .requires(let permission): document["x-permission"] = .string(permission)
        }
        let parameters = pathParameters(operation.path) + operation.parameters.map(json)
        if !parameters.isEmpty { document["parameters"] = .array(parameters) }
        if let request = operation.request {
            document["requestBody"] = ["required": true, "content": ["application/json": ["schema": request]]]
        }
        var responses = JSONObject()
        for response in operation.responses {
            responses[response.status.description] = json(response)
        }
        responses["default"] = [
            "description": "What went wrong.",
            "content": [.init(Problem.contentType): ["schema": APISchema.reference("Problem")]],
        ]
        document["responses"] = .object(responses)
        return .object(document)
    }

    private static func json(_ parameter: APIOperation.Parameter) -> JSONValue {
        [
            "name": .string(parameter.name), "in": .string(parameter.location),
            "description": .string(parameter.description), "schema": parameter.schema,
        ]
    }

    private static func json(_ response: APIOperation.Response) -> JSONValue {
        var document = JSONObject([("description", .string(response.description))])
        if let schema = response.schema {
            document["content"] = [response.mediaType: ["schema": schema]]
        }
        return .object(document)
    }

    private static func pathParameters(_ path: String) -> [JSONValue] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            let name = String(segment.dropFirst().dropLast())
            return [
                "name": .string(name), "in": "path", "required": true,
                "schema": name.hasSuffix("_id") ? APISchema.uuid : ["type": "string"],
            ]
        }
    }

    private static let problem: JSONValue = [
        "type": "object", "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail", "instance", "code", "trace_id"],
        "properties": [
            "type": ["type": "string", "format": "uri"], "title": ["type": "string"],
            "status": ["type": "integer"],
            "detail": ["type": "string", "description": "What happened, and what to do."],
            "instance": ["type": "string"],
            "code": ["type": "string", "description": "Stable, for machines."],
            "trace_id": ["type": "string"],
            "errors": APISchema.list(
                of: APISchema.object(
                    [("field", ["type": "string"]), ("message", ["type": "string"])], required: ["field", "message"])),
        ],
    ]
}
