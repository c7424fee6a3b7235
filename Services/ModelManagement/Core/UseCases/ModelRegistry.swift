import Domain

/// What one can do with models.
public struct ModelRegistry: Sendable {
    private let repository: any ModelRepository
    private let now: @Sendable () -> Timestamp
    private let makeID: @Sendable () -> UUIDv7

    public init(
        repository: any ModelRepository, now: @escaping @Sendable () -> Timestamp,
        makeID: @escaping @Sendable () -> UUIDv7
    ) {
        self.repository = repository
        self.now = now
        self.makeID = makeID
    }

    /// - Throws: `.conflict` (`name_taken`).
    public func create(_ details: ModelDetails, once key: IdempotencyKey?) async throws(ServiceError) -> ModelID {
        let model = Model(id: ModelID(makeID()), details: details, at: now())
        return try await repository.insert(model, once: key)
    }

    /// - Throws: `.notFound`.
    public func model(_ id: ModelID) async throws(ServiceError) -> Model { try await repository.read(id) }

    /// In creation order; with a name, that one model or none.
    /// - Parameter isVisible: whether the caller may get a model, by its owner too.
    public func models(
        _ page: PageRequest, named name: EntityName?, where isVisible: (ModelID, _ ownerID: String) -> Bool
    ) async throws(ServiceError) -> Page<Model> {
        guard let name else { return try await repository.page(page, where: isVisible) }
        let model = try await repository.find(named: name)
        return Page(elements: [model].compactMap { $0 }.filter { isVisible($0.id, $0.details.ownerID) }, next: nil)
    }

    /// - Parameter details: made from the model as it is, so that what is not said can stay.
    /// - Throws: `.notFound`, `.preconditionFailed`, `.conflict` (`name_taken`), and what `details` throws.
    public func update(
        _ id: ModelID, if precondition: Precondition, _ details: (Model) throws(ServiceError) -> ModelDetails
    ) async throws(ServiceError) -> Model {
        let now = now()
        return try await repository.update(id) { model throws(ServiceError) in
            try precondition.check(model.generation)
            model.update(try details(model), at: now)
        }
    }

    /// - Throws: `.notFound`, `.preconditionFailed`.
    public func delete(_ id: ModelID, if precondition: Precondition) async throws(ServiceError) {
        try await repository.delete(id) { model throws(ServiceError) in try precondition.check(model.generation) }
    }

    /// - Returns: the new version's number.
    /// - Throws: `.notFound`, `.conflict` (`too_many_versions`).
    public func addVersion(
        to id: ModelID, _ file: ModelFile, definition: String?, once key: IdempotencyKey?
    ) async throws(ServiceError) -> Int {
        let now = now()
        return try await repository.addVersion(to: id, definition: definition, once: key) {
            model throws(ServiceError) in
            try model.add(file, hasDefinition: definition != nil, at: now)
        }
    }

    /// A version with its definition.
    /// - Throws: `.notFound`.
    public func version(
        _ selector: VersionSelector, of id: ModelID
    ) async throws(ServiceError) -> (version: ModelVersion, definition: String?) {
        let version = try await repository.read(id).version(selector)
        guard version.hasDefinition else { return (version, nil) }
        guard let definition = try await repository.definition(of: id, version: version.number) else {
            // The two are written and deleted together, so that the model was deleted in between.
            throw .notFound(kind: "model", id: id.description)
        }
        return (version, definition)
    }

    /// The versions in ascending order; a page's mark is the last version's number.
    /// - Throws: `.notFound`, `.invalid` (`page_token`).
    public func versions(of id: ModelID, _ page: PageRequest) async throws(ServiceError) -> Page<ModelVersion> {
        guard let after = Int(page.after ?? "0") else { throw .invalid("page_token", "is not from this list") }
        let rest = try await repository.read(id).versions.filter { $0.number > after }
        let some = Array(rest.prefix(page.size))
        return Page(elements: some, next: some.count < rest.count ? some.last.map { String($0.number) } : nil)
    }

    /// - Throws: `.notFound` for the model, `.unprocessable` (`no_such_version`), `.preconditionFailed`.
    public func set(
        _ alias: ModelAlias, of id: ModelID, to number: Int, if precondition: Precondition
    ) async throws(ServiceError) -> Model {
        let now = now()
        return try await repository.update(id) { model throws(ServiceError) in
            try precondition.check(model.generation)
            try model.set(alias, to: number, at: now)
        }
    }

    /// - Throws: `.notFound` for the model and for the alias, `.preconditionFailed`.
    public func remove(
        _ alias: ModelAlias, of id: ModelID, if precondition: Precondition
    ) async throws(ServiceError) -> Model {
        let now = now()
        return try await repository.update(id) { model throws(ServiceError) in
            try precondition.check(model.generation)
            try model.remove(alias, at: now)
        }
    }
}
