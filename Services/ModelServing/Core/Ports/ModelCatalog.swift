import Domain

/// Knows the registered models.
public protocol ModelCatalog: Sendable {
    /// What `version` of the model is.
    /// - Throws: a failure whose reason is `modelNotFound`, `modelNotReadable` or `modelCatalogUnavailable`.
    func resolve(_ model: ModelID, _ version: ModelVersionSelector) async throws(Failure) -> ResolvedModel
}
