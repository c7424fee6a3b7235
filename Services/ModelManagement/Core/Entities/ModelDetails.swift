import Domain

/// What a user says about a model, all of it changeable.
public struct ModelDetails: Hashable, Sendable {
    /// No other model has it.
    public let name: EntityName
    public let description: String
    /// Whose model it is: a subject as authentication names it.
    public let ownerID: String
    public let metadata: ModelMetadata

    public init(name: EntityName, description: String, ownerID: String, metadata: ModelMetadata) {
        self.name = name
        self.description = description
        self.ownerID = ownerID
        self.metadata = metadata
    }
}

public struct ModelMetadata: Hashable, Sendable {
    /// The text of a JSON object: what a request to the model looks like.
    public let inputSchema: String?
    /// The text of a JSON object: what its answer looks like.
    public let outputSchema: String?
    /// Tokens that fit into one request and its answer together.
    public let tokenContextLimit: Int64?

    public init(inputSchema: String? = nil, outputSchema: String? = nil, tokenContextLimit: Int64? = nil) {
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.tokenContextLimit = tokenContextLimit
    }
}
