import Domain

/// A machine-learning model in the registry, with all its versions and aliases: the aggregate that changes as one.
public struct Model: Hashable, Sendable {
    public let id: ModelID
    public private(set) var details: ModelDetails
    /// In ascending order.
    public private(set) var versions: [ModelVersion]
    public private(set) var aliases: [ModelAlias: Int]
    /// The highest version number ever given.
    public private(set) var lastVersion: Int
    /// 1 at creation, one more with every change.
    public private(set) var generation: Int
    public let createdAt: Timestamp
    public private(set) var updatedAt: Timestamp

    public init(id: ModelID, details: ModelDetails, at now: Timestamp) {
        self.init(
            id: id, details: details, versions: [], aliases: [:], lastVersion: 0, generation: 1, createdAt: now,
            updatedAt: now)
    }

    /// Restores a model as it was stored.
    public init(
        id: ModelID, details: ModelDetails, versions: [ModelVersion], aliases: [ModelAlias: Int], lastVersion: Int,
        generation: Int, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.details = details
        self.versions = versions
        self.aliases = aliases
        self.lastVersion = lastVersion
        self.generation = generation
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    public mutating func update(_ details: ModelDetails, at now: Timestamp) {
        self.details = details
        touch(now)
    }

    /// Adds a version under the next number, which was never given before.
    /// - Throws: `.conflict` (`too_many_versions`).
    public mutating func add(_ file: ModelFile, hasDefinition: Bool, at now: Timestamp) throws(ServiceError) -> Int {
        guard versions.count < ModelLimits.maximumVersions else {
            throw .conflict(
                code: "too_many_versions",
                message: "A model has at most \(ModelLimits.maximumVersions) versions. Register a new model.")
        }
        lastVersion += 1
        versions.append(
            ModelVersion(
                number: lastVersion, file: file, hasDefinition: hasDefinition, state: .ready, createdAt: now))
        touch(now)
        return lastVersion
    }

    /// Points an alias to a version; it may have pointed elsewhere before.
    /// - Throws: `.unprocessable` (`no_such_version`), `.conflict` (`too_many_aliases`).
    public mutating func set(_ alias: ModelAlias, to number: Int, at now: Timestamp) throws(ServiceError) {
        guard versions.contains(where: { $0.number == number }) else {
            throw .unprocessable(code: "no_such_version", message: "The model has no version \(number).")
        }
        guard aliases[alias] != nil || aliases.count < ModelLimits.maximumAliases else {
            throw .conflict(
                code: "too_many_aliases", message: "A model has at most \(ModelLimits.maximumAliases) aliases.")
        }
        aliases[alias] = number
        touch(now)
    }

    /// - Throws: `.notFound`.
    public mutating func remove(_ alias: ModelAlias, at now: Timestamp) throws(ServiceError) {
        guard aliases.removeValue(forKey: alias) != nil else {
            throw .notFound(kind: "alias", id: alias.description)
        }
        touch(now)
    }

    /// Aliases that point to a version which does not exist. Nothing that the registry does leads to one.
    public var danglingAliases: [ModelAlias] {
        aliases.filter { _, number in !versions.contains { $0.number == number } }.keys.sorted()
    }

    /// - Throws: `.notFound`.
    public func version(_ selector: VersionSelector) throws(ServiceError) -> ModelVersion {
        let found: ModelVersion? =
            switch selector {
            case .number(let number): versions.first { $0.number == number }
            case .alias(let alias): aliases[alias].flatMap { number in versions.first { $0.number == number } }
            case .latest: versions.last { $0.state == .ready }
            }
        guard let found else { throw .notFound(kind: "model version", id: selector.description) }
        return found
    }

    private mutating func touch(_ now: Timestamp) {
        generation += 1
        updatedAt = max(now, updatedAt)
    }
}
