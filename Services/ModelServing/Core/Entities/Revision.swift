import Domain

/// An immutable snapshot of what is wanted; each change of a model service makes the next one.
public struct Revision: Hashable, Sendable, Codable {
    /// From 1, without gaps.
    public let number: Int
    public let configuration: ServiceConfiguration
    public let createdAt: Timestamp
    /// What the configuration's version selector meant when this revision was first deployed. All instances of a
    /// revision serve the same version, also when `latest` moves on.
    public internal(set) var resolvedVersion: Int?
    /// Kept only as long as an instance may need it, since it holds the model definition file.
    public internal(set) var model: ResolvedModel?

    init(number: Int, configuration: ServiceConfiguration, createdAt: Timestamp) {
        self.number = number
        self.configuration = configuration
        self.createdAt = createdAt
    }

    /// With the version that its selector meant, if that is known.
    var pinnedConfiguration: ServiceConfiguration {
        var pinned = configuration
        if let resolvedVersion { pinned.modelVersion = ModelVersionSelector(resolvedVersion) }
        return pinned
    }

    private enum CodingKeys: String, CodingKey {
        case number, configuration, model
        case createdAt = "created_at"
        case resolvedVersion = "resolved_version"
    }
}
