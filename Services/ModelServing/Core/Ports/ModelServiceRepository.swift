import Domain

/// Keeps model services. One call changes everything that belongs to a change, in one transaction: the record, its
/// name, its place in the lists, the list of unsettled services and the routes.
public protocol ModelServiceRepository: Sendable {
    func find(_ id: ModelServiceID) async throws(ServiceError) -> StoredModelService?

    /// The service that the instance belongs to.
    func find(instance id: ModelServiceInstanceID) async throws(ServiceError) -> StoredModelService?

    func isNameTaken(_ name: ServiceName) async throws(ServiceError) -> Bool

    /// - Throws: `.conflict` with the code `name_taken`.
    func insert(_ service: ModelService) async throws(ServiceError)

    /// Replaces `former`, provided that nobody else has done so since it was read. False if somebody has: read again
    /// and decide again.
    func replace(_ former: StoredModelService, with service: ModelService) async throws(ServiceError) -> Bool

    /// Forgets the service and frees its name, provided that nobody has changed it since it was read.
    func remove(_ former: StoredModelService) async throws(ServiceError) -> Bool

    /// Services in the order of their creation, the first ones after `token`.
    func list(after token: String?, limit: Int) async throws(ServiceError) -> ModelServicePage

    /// The services with something left to do.
    func unsettled() async throws(ServiceError) -> [ModelServiceID]
}

/// A model service as it was read.
public struct StoredModelService: Hashable, Sendable {
    public let service: ModelService
    /// Opaque; changes with every write.
    public let etag: String

    public init(service: ModelService, etag: String) {
        self.service = service
        self.etag = etag
    }
}

public struct ModelServicePage: Hashable, Sendable {
    public let services: [StoredModelService]
    /// Nil on the last page.
    public let nextToken: String?

    public init(services: [StoredModelService], nextToken: String?) {
        self.services = services
        self.nextToken = nextToken
    }
}
