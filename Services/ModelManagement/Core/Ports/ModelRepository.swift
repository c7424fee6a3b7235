import Domain

/// Keeps models.
public protocol ModelRepository: Sendable {
    /// Adds a model under its own, new id. With a key that was used before for the same request, nothing is added.
    /// - Returns: the id that the model has, which is the earlier one's then.
    /// - Throws: `.conflict` (`name_taken`).
    func insert(_ model: Model, once key: IdempotencyKey?) async throws(ServiceError) -> ModelID

    /// - Throws: `.notFound`.
    func read(_ id: ModelID) async throws(ServiceError) -> Model

    /// Nil if no model has the name.
    func find(named name: EntityName) async throws(ServiceError) -> Model?

    /// Those that are included, in creation order.
    func page(
        _ page: PageRequest, where isIncluded: (ModelID, _ ownerID: String) -> Bool
    ) async throws(ServiceError) -> Page<Model>

    /// Reads, changes and writes until no other writer comes between; `change` may run several times.
    /// - Throws: `.notFound`, `.conflict` (`name_taken`, `write_conflict`), and what `change` throws.
    func update(
        _ id: ModelID, _ change: (inout Model) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> Model

    /// The same for a version, whose definition is kept with it. `add` returns the version's number.
    func addVersion(
        to id: ModelID, definition: String?, once key: IdempotencyKey?,
        _ add: (inout Model) throws(ServiceError) -> Int
    ) async throws(ServiceError) -> Int

    /// The definition that was registered with a version; nil if none was.
    func definition(of id: ModelID, version: Int) async throws(ServiceError) -> String?

    /// Deletes a model with all that belongs to it, if `isAllowed` does not throw.
    /// - Throws: `.notFound`, and what `isAllowed` throws.
    func delete(
        _ id: ModelID, if isAllowed: (Model) throws(ServiceError) -> Void
    ) async throws(ServiceError)
}
