import Domain

/// One immutable version of a model.
public struct ModelVersion: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Registered with its digest; it can be served.
        case ready
    }

    /// From 1, never given twice.
    public let number: Int
    public let file: ModelFile
    /// Whether a model definition was registered with it. Its text is kept apart, since only those who deploy the
    /// version read it.
    public let hasDefinition: Bool
    public let state: State
    public let createdAt: Timestamp

    public init(number: Int, file: ModelFile, hasDefinition: Bool, state: State, createdAt: Timestamp) {
        self.number = number
        self.file = file
        self.hasDefinition = hasDefinition
        self.state = state
        self.createdAt = createdAt
    }
}

/// Where a version's file is, and how to know that it is the right one.
public struct ModelFile: Hashable, Sendable {
    public let url: ModelFileURL
    public let sha256: ModelFileDigest
    public let sizeBytes: Int64?
    /// `gguf`, `safetensors`, `onnx`, …
    public let format: String?

    public init(url: ModelFileURL, sha256: ModelFileDigest, sizeBytes: Int64?, format: String?) {
        self.url = url
        self.sha256 = sha256
        self.sizeBytes = sizeBytes
        self.format = format
    }
}
