import ControlPlane
import Domain
import HTTP
import JSON
import ModelManagementCore

/// `/models`: what a user says about a model.
struct ModelRoutes: Sendable {
    let registry: ModelRegistry

    var routes: [Route] {
        [
            .post("/models", .requires("model:create"), create),
            .get("/models", .requires("model:list"), list),
            .get("/models/{model_id}", .requires("model:get"), get),
            .put("/models/{model_id}", .requires("model:update"), update),
            .delete("/models/{model_id}", .requires("model:delete"), delete),
        ]
    }

    private func create(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let body = try await request.json()
        let document = try DetailsDocument(body)
        let creator = context.rights.subject
        try context.rights.checkOwner(
            document.ownerID ?? creator, insteadOf: creator, "model:assign_owner", "models")
        let key = try request.idempotencyKey(context, body: body)
        let id = try await registry.create(document.details(owner: creator), once: key)
        if let owner = document.ownerID { context.notes.add("owner_id \(owner)") }
        return .json(.created, ["id": .string(id.description)], fields: ["Location": "/models/\(id)"]).withETag(1)
    }

    private func list(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let parameters = try PageParameters(request, filters: ["name"])
        let name = try parameters["name"].map { text throws(ServiceError) in try EntityName(text, field: "name") }
        let page = try await registry.models(parameters.page, named: name) { id, owner in
            context.rights.may("model:get", "models/\(id)", ownedBy: owner)
        }
        return parameters.response(page, as: "models", json)
    }

    private func get(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let model = try await registry.model(try context.parameters.identifier("model_id"))
        return .json(.ok, json(model)).withETag(model.generation)
    }

    private func update(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ModelID = try context.parameters.identifier("model_id")
        let document = try DetailsDocument(try await request.json())
        let model = try await registry.update(id, if: try request.precondition()) { model throws(ServiceError) in
            let owner = model.details.ownerID
            try context.rights.checkOwner(
                document.ownerID ?? owner, insteadOf: owner, "model:assign_owner", "models/\(id)")
            return document.details(owner: owner)
        }
        if document.ownerID != nil { context.notes.add("owner_id \(model.details.ownerID)") }
        return .json(.ok, json(model)).withETag(model.generation)
    }

    private func delete(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ModelID = try context.parameters.identifier("model_id")
        try await registry.delete(id, if: try request.precondition())
        return HTTPResponse(.noContent)
    }

    private func json(_ model: Model) -> JSONValue {
        let aliases = model.aliases.sorted { $0.key < $1.key }
        return [
            "id": .string(model.id.description),
            "name": .string(model.details.name.description),
            "description": .string(model.details.description),
            "owner_id": .string(model.details.ownerID),
            "metadata": json(model.details.metadata),
            "versions": .array(model.versions.map(\.json)),
            "aliases": .object(JSONObject(aliases.map { ($0.key.description, .integer(Int64($0.value))) })),
            "created_at": .string(model.createdAt.description),
            "updated_at": .string(model.updatedAt.description),
        ]
    }

    private func json(_ metadata: ModelMetadata) -> JSONValue {
        var document = JSONObject()
        document["input_schema"] = metadata.inputSchema.flatMap { try? JSONParser.parse($0) }
        document["output_schema"] = metadata.outputSchema.flatMap { try? JSONParser.parse($0) }
        document["token_context_limit"] = metadata.tokenContextLimit.map(JSONValue.integer)
        return .object(document)
    }
}

/// The body of `POST /models` and `PUT /models/{model_id}`.
private struct DetailsDocument {
    private let name: EntityName
    private let description: String
    let ownerID: String?
    private let metadata: ModelMetadata

    init(_ body: JSONValue) throws(ServiceError) {
        let fields = JSONFields(body)
        let name = fields.entityName("name")
        description =
            fields.optionalString(
                "description", maximumLength: ModelLimits.maximumDescriptionBytes, multiline: true) ?? ""
        ownerID = fields.ownerID()
        metadata = Self.metadata(fields.optionalObject("metadata"))
        self.name = try fields.validated(name)
    }

    func details(owner: String) -> ModelDetails {
        ModelDetails(name: name, description: description, ownerID: ownerID ?? owner, metadata: metadata)
    }

    private static func metadata(_ fields: JSONFields?) -> ModelMetadata {
        guard let fields else { return ModelMetadata() }
        return ModelMetadata(
            inputSchema: schema(fields, "input_schema"), outputSchema: schema(fields, "output_schema"),
            tokenContextLimit: fields.optionalInteger(
                "token_context_limit", in: 1...ModelLimits.maximumTokenContextLimit))
    }

    /// Schemas are kept as text: the store would round their numbers and forget the order of their members.
    private static func schema(_ fields: JSONFields, _ name: String) -> String? {
        guard let value = fields.optional(name) else { return nil }
        guard case .object = value else {
            fields.reject(name, "must be an object, not \(value.typeName)")
            return nil
        }
        guard value.depth <= ModelLimits.maximumSchemaDepth else {
            fields.reject(name, "is nested deeper than \(ModelLimits.maximumSchemaDepth) levels")
            return nil
        }
        let text = JSONWriter.text(value)
        guard text.utf8.count <= ModelLimits.maximumSchemaBytes else {
            fields.reject(name, "is larger than \(ModelLimits.maximumSchemaBytes) bytes")
            return nil
        }
        return text
    }
}

extension JSONValue {
    fileprivate var depth: Int {
        switch self {
        case .null, .bool, .integer, .number, .string: 0
        case .array(let elements): 1 + (elements.map(\.depth).max() ?? 0)
        case .object(let object): 1 + (object.members.map(\.value.depth).max() ?? 0)
        }
    }
}
