import Domain

/// Reads model services. Wherever a service's id is taken, the id of one of its instances is too.
public struct FindModelService: Sendable {
    private let repository: any ModelServiceRepository

    public init(repository: any ModelServiceRepository) { self.repository = repository }

    /// - Parameter id: text, as it came.
    /// - Throws: `.invalid` if it is not a UUID, `.notFound`.
    public func callAsFunction(_ id: String) async throws(ServiceError) -> ModelService {
        guard let uuid = UUIDv7(id) else { throw .invalid("id", "must be a UUID") }
        if let service = try await repository.find(ModelServiceID(uuid)) { return service }
        if let service = try await repository.find(instance: ModelServiceInstanceID(uuid)) { return service }
        throw .notFound(kind: "model_service", id: id)
    }

    /// - Parameter name: only the service with this name.
    public func list(
        _ page: PageRequest, named name: ServiceName? = nil
    ) async throws(ServiceError) -> Page<ModelService> {
        guard let name else { return try await repository.list(page) }
        let found = try await repository.find(named: name)
        return Page(elements: found.map { [$0] } ?? [], next: nil)
    }
}
