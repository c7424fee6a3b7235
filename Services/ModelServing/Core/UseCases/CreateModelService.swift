import Domain

/// Records that a service is wanted. Everything else is the reconciliation's.
public struct CreateModelService: Sendable {
    private let repository: any ModelServiceRepository
    private let runtimes: AvailableRuntimes
    private let ambient: Ambient
    private let wake: @Sendable (ModelServiceID) async -> Void

    public init(
        repository: any ModelServiceRepository, runtimes: AvailableRuntimes, ambient: Ambient,
        wake: @escaping @Sendable (ModelServiceID) async -> Void
    ) {
        self.repository = repository
        self.runtimes = runtimes
        self.ambient = ambient
        self.wake = wake
    }

    /// - Parameters:
    ///   - owner: nil for the caller.
    ///   - catalog: the models, as far as the caller may read them.
    ///   - key: the caller's word that this may be a repetition, which gets the first answer again.
    /// - Throws: `.conflict` with the code `name_taken`; `.permissionDenied` if the caller may not create for others;
    ///   `.unprocessable` with `model_not_found`.
    public func callAsFunction(
        _ name: ServiceName, _ configuration: ServiceConfiguration, owner: String?, by caller: CallerRights,
        from catalog: any ModelCatalog, once key: IdempotencyKey?
    ) async throws(ServiceError) -> ModelServiceReceipt {
        try runtimes.check(configuration.runtime)
        let owner = owner ?? caller.subject
        try caller.checkOwner(owner, insteadOf: caller.subject, "model_service:assign_owner", "model_services")
        let model = try await ModelAccess(catalog: catalog).check(configuration)
        try runtimes.check(configuration, for: model)
        let service = ModelService(
            id: ambient.newID(), name: name, ownerID: owner, configuration: configuration,
            instanceIDs: (0..<configuration.instanceCount).map { _ in ambient.newID() }, at: ambient.now())
        let receipt = try await repository.insert(service, once: key)
        await wake(receipt.id)
        return receipt
    }
}
