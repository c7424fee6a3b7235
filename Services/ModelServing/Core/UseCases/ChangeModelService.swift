import Domain

/// Changes what is wanted of a service.
public struct ChangeModelService: Sendable {
    private let find: FindModelService
    private let repository: any ModelServiceRepository
    private let runtimes: AvailableRuntimes
    private let ambient: Ambient
    private let wake: @Sendable (ModelServiceID) async -> Void

    public init(
        repository: any ModelServiceRepository, runtimes: AvailableRuntimes, ambient: Ambient,
        wake: @escaping @Sendable (ModelServiceID) async -> Void
    ) {
        find = FindModelService(repository: repository)
        self.repository = repository
        self.runtimes = runtimes
        self.ambient = ambient
        self.wake = wake
    }

    /// - Parameters:
    ///   - owner: nil leaves the service to whom it belongs.
    ///   - catalog: the models, as far as the caller may read them. Asked only if another is to be served.
    /// - Throws: `.preconditionFailed` if somebody changed the service since the caller read it; `.permissionDenied` if
    ///   the caller may not give it away; `.unprocessable` (`model_not_found`).
    public func update(
        _ id: String, _ precondition: Precondition, _ change: ConfigurationChange, owner: String? = nil,
        by caller: CallerRights = .none, from catalog: any ModelCatalog
    ) async throws(ServiceError) -> ModelService {
        let found = try await find(id).configuration
        let wanted = try change.applied(to: found)
        let isChecked = !wanted.hasTheModel(of: found)
        if isChecked {
            try runtimes.check(wanted, for: try await ModelAccess(catalog: catalog).check(wanted))
        } else if wanted.isDeployedUnlike(found), let model = try? await ModelAccess(catalog: catalog).check(wanted) {
            // Whoever may change the service need not be able to read its model; the reconciliation checks again.
            try runtimes.check(wanted, for: model)
        }
        return try await apply(to: id, precondition) { service throws(ServiceError) in
            if let owner {
                try caller.checkOwner(
                    owner, insteadOf: service.ownerID, "model_service:assign_owner", "model_services/\(service.id)")
                try service.assign(to: owner, at: ambient.now())
            }
            let configuration = try change.applied(to: service.configuration)
            // Only what was checked, or what is served already.
            guard configuration.hasTheModel(of: isChecked ? wanted : service.configuration) else {
                throw .conflict(
                    code: "changed_meanwhile", message: "Somebody gave the service another model. Look, and try again.")
            }
            if configuration.runtime != service.configuration.runtime { try runtimes.check(configuration.runtime) }
            try service.update(configuration, at: ambient.now())
        }
    }

    /// - Parameter revision: nil means the last one that served something else.
    public func rollBack(
        _ id: String, _ precondition: Precondition, to revision: Int?
    ) async throws(ServiceError) -> ModelService {
        try await apply(to: id, precondition) { service throws(ServiceError) in
            try service.rollBack(to: revision, at: ambient.now())
        }
    }

    public func retry(_ id: String) async throws(ServiceError) -> ModelService {
        try await apply(to: id, .none) { service throws(ServiceError) in
            try service.retry(at: ambient.now())
        }
    }

    /// Idempotent while the service exists.
    public func delete(_ id: String, _ precondition: Precondition) async throws(ServiceError) -> ModelService {
        try await apply(to: id, precondition) { service throws(ServiceError) in
            service.requestDeletion(at: ambient.now())
        }
    }

    func apply<Answer: Codable & Sendable>(
        to id: String, once key: IdempotencyKey?, _ change: (inout ModelService) throws(ServiceError) -> Answer
    ) async throws(ServiceError) -> Answer {
        let found = try await find(id)
        guard let answer = try await repository.change(found.id, once: key, change) else {
            throw .notFound(kind: "model_service", id: id)
        }
        await wake(found.id)
        return answer
    }

    func apply(
        to id: String, _ precondition: Precondition, _ change: (inout ModelService) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> ModelService {
        let found = try await find(id)
        let changed = try await repository.change(found.id) { service throws(ServiceError) in
            try precondition.check(service.generation)
            try change(&service)
        }
        guard let changed else { throw .notFound(kind: "model_service", id: id) }
        await wake(changed.id)
        return changed
    }
}
