import ControlPlane
import Domain
import HTTP
import JSON
import ModelManagementCore

/// `/models/{model_id}/versions` and `/models/{model_id}/aliases`: what can be served under a model's name.
struct VersionRoutes: Sendable {
    let registry: ModelRegistry

    var routes: [Route] {
        [
            .post("/models/{model_id}/versions", .requires("model:update"), create),
            .get("/models/{model_id}/versions", .requires("model:get"), list),
            .get("/models/{model_id}/versions/{version}", .requires("model:get"), get),
            .put("/models/{model_id}/aliases/{alias}", .requires("model:update"), setAlias),
            .delete("/models/{model_id}/aliases/{alias}", .requires("model:update"), removeAlias),
        ]
    }

    private func create(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ModelID = try context.parameters.identifier("model_id")
        let body = try await request.json()
        let document = try FileDocument(body)
        let key = try request.idempotencyKey(context, body: body)
        let number = try await registry.addVersion(to: id, document.file, definition: document.definition, once: key)
        return .json(
            .created, ["version": .integer(Int64(number))], fields: ["Location": "/models/\(id)/versions/\(number)"])
    }

    private func list(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let id: ModelID = try context.parameters.identifier("model_id")
        let parameters = try PageParameters(request)
        return parameters.response(try await registry.versions(of: id, parameters.page), as: "versions", \.json)
    }

    private func get(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ModelID = try context.parameters.identifier("model_id")
        let selector = try VersionSelector(context.parameters["version"])
        let (version, definition) = try await registry.version(selector, of: id)
        var document = JSONObject([("model_id", .string(id.description))] + version.members)
        document["model_definition"] = definition.map(JSONValue.string)
        return .json(.ok, .object(document))
    }

    private func setAlias(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ModelID = try context.parameters.identifier("model_id")
        let alias = try ModelAlias(context.parameters["alias"])
        let fields = JSONFields(try await request.json())
        let number = Int(fields.integer("version", in: 1...Int64(Int32.max)))
        try fields.validate()
        let model = try await registry.set(alias, of: id, to: number, if: try request.precondition())
        return .json(.ok, ["alias": .string(alias.description), "version": .integer(Int64(number))])
            .withETag(model.generation)
    }

    private func removeAlias(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        try request.refuseQuery()
        let id: ModelID = try context.parameters.identifier("model_id")
        let alias = try ModelAlias(context.parameters["alias"])
        _ = try await registry.remove(alias, of: id, if: try request.precondition())
        return HTTPResponse(.noContent)
    }
}

extension ModelVersion {
    var json: JSONValue { .object(JSONObject(members)) }

    /// The fields of `Contracts.ModelVersionDocument`, but the model's id and the definition.
    fileprivate var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("version", .integer(Int64(number))), ("model_file_url", .string(file.url.description)),
            ("sha256", .string(file.sha256.description)),
        ]
        if let size = file.sizeBytes { members.append(("size_bytes", .integer(size))) }
        if let format = file.format { members.append(("format", .string(format))) }
        return members + [("state", .string(state.rawValue)), ("created_at", .string(createdAt.description))]
    }
}

/// The body of `POST /models/{model_id}/versions`.
private struct FileDocument {
    let file: ModelFile
    let definition: String?

    init(_ body: JSONValue) throws(ServiceError) {
        let fields = JSONFields(body)
        let url = Self.url(fields)
        let sha256 = fields.value(
            "sha256", maximumLength: 64, "must be 64 hexadecimal digits; sha256sum FILE prints them"
        ) { ModelFileDigest($0) }
        let size = fields.optionalInteger("size_bytes", in: 0...ModelLimits.maximumSizeBytes)
        let format = fields.optionalText("format", maximumLength: ModelLimits.maximumFormatBytes)
        definition = fields.optionalString(
            "model_definition", maximumLength: ModelLimits.maximumDefinitionBytes, multiline: true)
        let (checkedURL, checkedDigest) = try fields.validated(url, sha256)
        file = ModelFile(url: checkedURL, sha256: checkedDigest, sizeBytes: size, format: format)
    }

    private static func url(_ fields: JSONFields) -> ModelFileURL? {
        let text = fields.value("model_file_url", maximumLength: ModelLimits.maximumURLBytes, "") { $0 }
        guard let text else { return nil }
        do throws(ModelFileURL.Refusal) {
            return try ModelFileURL(text)
        } catch {
            fields.reject("model_file_url", error.message)
            return nil
        }
    }
}
