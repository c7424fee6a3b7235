import Domain

/// What `GET /models/{model_id}/versions/{version}` answers: ModelManagement writes it, ModelServing resolves a model
/// version with it.
public struct ModelVersionDocument: Hashable, Sendable, Codable {
    public let modelID: ModelID
    /// From 1, without gaps, never reused.
    public let version: Int
    /// `file:///…`, `http://…` or `https://…`.
    public let modelFileURL: String
    /// Of the file, 64 lower-case hexadecimal digits.
    public let sha256: String
    public let sizeBytes: Int64?
    /// `gguf`, `safetensors`, `onnx`, …
    public let format: String?
    /// The model definition file (YAML), as it was registered.
    public let modelDefinition: String?
    public let createdAt: Timestamp

    public init(
        modelID: ModelID, version: Int, modelFileURL: String, sha256: String, sizeBytes: Int64?, format: String?,
        modelDefinition: String?, createdAt: Timestamp
    ) {
        self.modelID = modelID
        self.version = version
        self.modelFileURL = modelFileURL
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.format = format
        self.modelDefinition = modelDefinition
        self.createdAt = createdAt
    }

    private enum CodingKeys: String, CodingKey {
        case version, sha256, format
        case modelID = "model_id"
        case modelFileURL = "model_file_url"
        case sizeBytes = "size_bytes"
        case modelDefinition = "model_definition"
        case createdAt = "created_at"
    }
}
