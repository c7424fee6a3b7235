import Domain

/// What ModelManagement said a model version is. A version never changes, so this may be kept.
public struct ResolvedModel: Hashable, Sendable, Codable {
    public let modelID: ModelID
    public let version: Int
    /// `file:///…`, `http://…` or `https://…`.
    public let fileURL: String
    /// Of the file, 64 lower-case hexadecimal digits.
    public let sha256: String
    public let sizeBytes: Int64?
    public let format: String?
    /// The model definition file, as it was registered.
    public let definition: String?

    public init(
        modelID: ModelID, version: Int, fileURL: String, sha256: String, sizeBytes: Int64? = nil,
        format: String? = nil, definition: String? = nil
    ) {
        self.modelID = modelID
        self.version = version
        self.fileURL = fileURL
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.format = format
        self.definition = definition
    }

    private enum CodingKeys: String, CodingKey {
        case version, sha256, format, definition
        case modelID = "model_id"
        case fileURL = "file_url"
        case sizeBytes = "size_bytes"
    }
}
