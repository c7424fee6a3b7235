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
        try await ModelAccess(catalog: catalog).check(configuration)
        let service = ModelService(
            id: ambient.newID(), name: name, ownerID: owner, configuration: configuration,
            instanceIDs: (0..<configuration.instanceCount).map { _ in ambient.newID() }, at: ambient.now())
        let receipt = try await repository.insert(service, once: key)
        await wake(receipt.id)
        return receipt
    }
}

/// The runtimes that this installation has.
public struct AvailableRuntimes: Sendable {
    public let kinds: [RuntimeKind]

    public init(_ runtimes: [any Runtime]) { kinds = runtimes.map(\.kind) }

    public func problem(with kind: RuntimeKind) -> String? {
        guard !kinds.contains(kind) else { return nil }
        return "the runtime \(kind.rawValue) is not available in this installation; use "
            + kinds.map(\.rawValue).joined(separator: " or ")
    }

    func check(_ kind: RuntimeKind) throws(ServiceError) {
        if let problem = problem(with: kind) { throw .invalid("/runtime", problem) }
    }
}
