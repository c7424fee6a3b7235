import ControlPlane
import Domain
import HTTP
import JSON
import ModelManagementCore

extension ModelManagementAPI {
    static let modelOperations: [APIOperation] = [
        APIOperation(
            .post, "/models", .requires("model:create"), id: "createModel", "Add a model.",
            parameters: [.idempotencyKey], request: APISchema.reference("ModelDetails"),
            responses: [
                .init(.created, "Added; Location says where it is.", APISchema.object([("id", APISchema.uuid)]))
            ]),
        APIOperation(
            .get, "/models", .requires("model:list"), id: "listModels",
            "List the models that the caller may get, in the order of their creation.",
            parameters: [.pageSize, .pageToken, .query("name", "Only the model with this name.")],
            responses: [.init(.ok, "A page.", APISchema.page(of: "models", "Model"))]),
        APIOperation(
            .get, "/models/{model_id}", .requires("model:get"), id: "getModel", "A model.",
            responses: [.init(.ok, "The model; ETag is its generation.", APISchema.reference("Model"))]),
        APIOperation(
            .put, "/models/{model_id}", .requires("model:update"), id: "updateModel",
            "Replace what was said about a model. Versions and aliases stay, and so does its owner if none is named.",
            parameters: [.ifMatch], request: APISchema.reference("ModelDetails"),
            responses: [.init(.ok, "The model as it is now.", APISchema.reference("Model"))]),
        APIOperation(
            .delete, "/models/{model_id}", .requires("model:delete"), id: "deleteModel",
            "Delete a model with its versions and aliases. The files themselves stay where they are.",
            parameters: [.ifMatch], responses: [.init(.noContent, "Deleted.")]),
    ]

    static let versionOperations: [APIOperation] = [
        APIOperation(
            .post, "/models/{model_id}/versions", .requires("model:update"), id: "createModelVersion",
            "Add a version, which never changes. Its number was never given before.", parameters: [.idempotencyKey],
            request: APISchema.reference("ModelFile"),
            responses: [
                .init(
                    .created, "Added; Location says where it is.",
                    APISchema.object([("version", ["type": "integer", "minimum": 1])]))
            ]),
        APIOperation(
            .get, "/models/{model_id}/versions", .requires("model:get"), id: "listModelVersions",
            "List the versions of a model, without their definitions.", parameters: [.pageSize, .pageToken],
            responses: [.init(.ok, "A page.", APISchema.page(of: "versions", "ModelVersion"))]),
        APIOperation(
            .get, "/models/{model_id}/versions/{version}", .requires("model:get"), id: "getModelVersion",
            "A version by number, by alias, or the `latest` that is ready: where its file is, and its digest.",
            responses: [.init(.ok, "The version.", APISchema.reference("ModelVersion"))]),
        APIOperation(
            .put, "/models/{model_id}/aliases/{alias}", .requires("model:update"), id: "setModelAlias",
            "Point an alias to a version.", parameters: [.ifMatch],
            request: APISchema.object([("version", ["type": "integer", "minimum": 1])], required: ["version"]),
            responses: [.init(.ok, "It points there now.", APISchema.reference("ModelAlias"))]),
        APIOperation(
            .delete, "/models/{model_id}/aliases/{alias}", .requires("model:update"), id: "removeModelAlias",
            "Remove an alias. The version stays.", parameters: [.ifMatch],
            responses: [.init(.noContent, "Removed.")]),
    ]

    static let schemas: [(String, JSONValue)] = [
        ("ModelDetails", APISchema.object(details, required: ["name"])),
        ("ModelMetadata", APISchema.object(metadata)),
        ("ModelFile", APISchema.object(file, required: ["model_file_url", "sha256"])),
        (
            "ModelVersion",
            APISchema.object(
                [
                    ("model_id", APISchema.uuid), ("version", ["type": "integer", "minimum": 1]),
                    (
                        "state",
                        ["type": "string", "enum": .array(ModelVersion.State.allCases.map { .string($0.rawValue) })]
                    ),
                    ("created_at", APISchema.time),
                ] + file, required: ["version", "model_file_url", "sha256", "state", "created_at"])
        ),
        (
            "ModelAlias",
            APISchema.object([("alias", APISchema.text(EntityName.maximumLength)), ("version", ["type": "integer"])])
        ),
        (
            "Model",
            APISchema.object(
                [("id", APISchema.uuid)] + details + [
                    ("versions", APISchema.list(of: APISchema.reference("ModelVersion"))),
                    ("aliases", ["type": "object", "additionalProperties": ["type": "integer"]]),
                    ("created_at", APISchema.time), ("updated_at", APISchema.time),
                ])
        ),
    ]

    private static let details: [(String, JSONValue)] = [
        ("name", APISchema.text(EntityName.maximumLength, "Unique. Lower-case letters, digits, '.', '_' and '-'.")),
        ("description", APISchema.text(ModelLimits.maximumDescriptionBytes)),
        ("owner_id", APISchema.text(SubjectName.maximumBytes, "The creator, unless said otherwise.")),
        ("metadata", APISchema.reference("ModelMetadata")),
    ]

    private static let metadata: [(String, JSONValue)] = [
        ("input_schema", ["type": "object", "description": "What a request looks like."]),
        ("output_schema", ["type": "object", "description": "What an answer looks like."]),
        ("token_context_limit", ["type": "integer", "format": "int64", "minimum": 1]),
    ]

    private static let file: [(String, JSONValue)] = [
        ("model_file_url", APISchema.text(ModelLimits.maximumURLBytes, "file://, http:// or https://.")),
        ("sha256", ["type": "string", "pattern": "^[0-9a-fA-F]{64}$"]),
        ("size_bytes", APISchema.count),
        ("format", APISchema.text(ModelLimits.maximumFormatBytes, "gguf, safetensors, onnx, …")),
        ("model_definition", APISchema.text(ModelLimits.maximumDefinitionBytes, "The model definition file, YAML.")),
    ]
}
