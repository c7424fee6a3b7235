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

    /// - Parameters:
    ///   - name: only the service with this name.
    ///   - caller: sees only what it may get.
    public func list(
        _ page: PageRequest, named name: ServiceName? = nil, for caller: CallerRights
    ) async throws(ServiceError) -> Page<ModelService> {
        func isVisible(_ service: ModelService) -> Bool {
            caller.may("model_service:get", "model_services/\(service.id)", ownedBy: service.ownerID)
        }
        guard let name else { return try await repository.list(page, where: isVisible) }
        let found = try await repository.find(named: name)
        return Page(elements: [found].compactMap { $0 }.filter(isVisible), next: nil)
    }
}
