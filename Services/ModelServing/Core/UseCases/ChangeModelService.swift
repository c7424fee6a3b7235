import Domain

/// Changes what is wanted of a service.
public struct ChangeModelService: Sendable {
    /// Times that a change is decided anew after somebody else was faster.
    public static let maximumAttempts = 10

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

    /// - Parameter generation: what the caller has seen; nil if it does not care.
    /// - Throws: `.preconditionFailed` if the service has been changed since then.
    public func update(
        _ id: String, ifGeneration generation: Int?, _ change: ConfigurationChange
    ) async throws(ServiceError) -> ModelService {
        try await apply(to: id, ifGeneration: generation) { service throws(ServiceError) in
            let configuration = try change.applied(to: service.configuration)
            if configuration.runtime != service.configuration.runtime { try runtimes.check(configuration.runtime) }
            try service.update(configuration, at: ambient.now())
        }
    }

    public func rollBack(
        _ id: String, ifGeneration generation: Int?, to revision: Int?
    ) async throws(ServiceError) -> ModelService {
        try await apply(to: id, ifGeneration: generation) { service throws(ServiceError) in
            try service.rollBack(to: revision, at: ambient.now())
        }
    }

    public func retry(_ id: String) async throws(ServiceError) -> ModelService {
        try await apply(to: id, ifGeneration: nil) { service throws(ServiceError) in
            try service.retry(at: ambient.now())
        }
    }

    /// Idempotent while the service exists.
    public func delete(_ id: String, ifGeneration generation: Int?) async throws(ServiceError) -> ModelService {
        try await apply(to: id, ifGeneration: generation) { service throws(ServiceError) in
            service.requestDeletion(at: ambient.now())
        }
    }

    func apply(
        to id: String, ifGeneration generation: Int?,
        _ change: (inout ModelService) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> ModelService {
        for _ in 0..<Self.maximumAttempts {
            let stored = try await find(id)
            if let generation, generation != stored.service.generation {
                throw .preconditionFailed(
                    "The service is at generation \(stored.service.generation), not \(generation): read it again.")
            }
            var service = stored.service
            try change(&service)
            guard service != stored.service else { return service }
            if try await repository.replace(stored, with: service) {
                await wake(service.id)
                return service
            }
        }
        throw .conflict(
            code: "too_many_writers", message: "The service is being changed by others all the time; try again.")
    }
}
