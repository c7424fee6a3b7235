import Domain

/// Keeps model services. One call changes everything that belongs to a change, in one transaction: the record, its
/// name, its place in the lists, the list of unsettled services and the routes.
public protocol ModelServiceRepository: Sendable {
    func find(_ id: ModelServiceID) async throws(ServiceError) -> ModelService?

    /// Those that exist.
    func find(_ ids: [ModelServiceID]) async throws(ServiceError) -> [ModelService]

    /// The service that the instance belongs to.
    func find(instance id: ModelServiceInstanceID) async throws(ServiceError) -> ModelService?

    func find(named name: ServiceName) async throws(ServiceError) -> ModelService?

    /// - Parameter key: a request that came before with the same key gets its answer again, and nothing is added.
    /// - Throws: `.conflict` with the code `name_taken`.
    func insert(
        _ service: ModelService, once key: IdempotencyKey?
    ) async throws(ServiceError) -> ModelServiceReceipt

    /// Reads the service, lets `decide` change it, and writes it on condition that nobody else has done so meanwhile;
    /// if somebody has, all of it is done again. `decide` may leave it as it is, which writes nothing.
    ///
    /// - Returns: the service as it is now; nil if there is none.
    func change(
        _ id: ModelServiceID, _ decide: (inout ModelService) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> ModelService?

    /// A change that has an answer of its own, which is given again to a request that comes with the same key: then
    /// `decide` is not asked, and nothing is written.
    ///
    /// - Returns: what `decide` answered; nil if there is no such service.
    func change<Answer: Codable & Sendable>(
        _ id: ModelServiceID, once key: IdempotencyKey?,
        _ decide: (inout ModelService) throws(ServiceError) -> Answer
    ) async throws(ServiceError) -> Answer?

    /// Forgets the service and frees its name, if it is still as `condition` wants it. Idempotent.
    func remove(_ id: ModelServiceID, if condition: (ModelService) -> Bool) async throws(ServiceError)

    /// Services that are included, in the order of their creation.
    func list(
        _ page: PageRequest, where isIncluded: (ModelService) -> Bool
    ) async throws(ServiceError) -> Page<ModelService>

    /// The services of these shards with something left to do.
    func unsettled(in shards: Set<Shard>) async throws(ServiceError) -> [ModelServiceID]

    /// The services of these shards with an instance that answers requests.
    func serving(in shards: Set<Shard>) async throws(ServiceError) -> [ModelServiceID]
}

extension ModelServiceRepository {
    /// The services with something left to do.
    public func unsettled() async throws(ServiceError) -> [ModelServiceID] {
        try await unsettled(in: Set(Shard.all))
    }
}

/// What is answered to the creation of a service.
public struct ModelServiceReceipt: Hashable, Sendable, Codable {
    public let id: ModelServiceID
    public let instanceIDs: [ModelServiceInstanceID]

    public init(id: ModelServiceID, instanceIDs: [ModelServiceInstanceID]) {
        self.id = id
        self.instanceIDs = instanceIDs
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case instanceIDs = "instance_ids"
    }
}
