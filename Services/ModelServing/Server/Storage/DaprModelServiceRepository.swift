import Domain
import ModelServingCore
import Persistence

/// Model services in the state store, each change in one transaction with everything that follows from it.
struct DaprModelServiceRepository: ModelServiceRepository {
    let records: RecordStore
    let services: EntityCollection<ModelServiceRecord>
    let policy: ReconciliationPolicy

    init(_ records: RecordStore, policy: ReconciliationPolicy) {
        self.records = records
        self.policy = policy
        services = EntityCollection("model_service", prefix: "service", in: records)
    }

    static func workKey(_ shard: Shard) -> RecordKey<IDListRecord> { RecordKey("work:\(shard)") }

    func find(_ id: ModelServiceID) async throws(ServiceError) -> ModelService? {
        try await services.find(id.uuid)?.record.service
    }

    func find(_ ids: [ModelServiceID]) async throws(ServiceError) -> [ModelService] {
        try await records.read(ids.map { services.key($0.uuid) }).map(\.record.service)
    }

    func find(instance id: ModelServiceInstanceID) async throws(ServiceError) -> ModelService? {
        guard let owner = try await records.read(InstanceRecord.key(id)) else { return nil }
        return try await find(owner.record.serviceID)
    }

    func find(named name: ServiceName) async throws(ServiceError) -> ModelService? {
        try await services.find(named: name.description)?.record.service
    }

    func list(
        _ page: PageRequest, where isIncluded: (ModelService) -> Bool
    ) async throws(ServiceError) -> Page<ModelService> {
        try await services.page(page) { isIncluded($0.service) }.map(\.record.service)
    }

    func unsettled(in shards: Set<Shard>) async throws(ServiceError) -> [ModelServiceID] {
        try await records.read(shards.map(Self.workKey)).flatMap { work in
            work.record.ids.compactMap { ModelServiceID($0) }
        }
    }

    func serving(in shards: Set<Shard>) async throws(ServiceError) -> [ModelServiceID] {
        try await records.read(shards.map(RouteShardRecord.key)).flatMap(\.record.answering)
    }

    func insert(
        _ service: ModelService, once key: IdempotencyKey?
    ) async throws(ServiceError) -> ModelServiceReceipt {
        let receipt = ModelServiceReceipt(id: service.id, instanceIDs: service.instances.map(\.id))
        return try await records.change(lanes: lanes(service.id, indexing: true), once: key) {
            () async throws(ServiceError) -> Decision<ModelServiceReceipt> in
            var transaction = StateTransaction()
            guard try await services.insert(ModelServiceRecord(service), into: &transaction) else {
                return .settled(receipt)
            }
            try await follow(nil, service, nil, into: &transaction)
            return .commit(transaction, receipt)
        }
    }

    func change(
        _ id: ModelServiceID, _ decide: (inout ModelService) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> ModelService? {
        try await records.change(lanes: lanes(id, indexing: false)) {
            () async throws(ServiceError) -> Decision<ModelService?> in
            let surroundings = try await surroundings(of: id)
            guard let stored = surroundings.service else { return .settled(nil) }
            var service = stored.record.service
            try decide(&service)
            let transaction = try await transaction(of: stored, to: service, surroundings)
            return transaction.isEmpty ? .settled(service) : .commit(transaction, service)
        }
    }

    func change<Answer: Codable & Sendable>(
        _ id: ModelServiceID, once key: IdempotencyKey?,
        _ decide: (inout ModelService) throws(ServiceError) -> Answer
    ) async throws(ServiceError) -> Answer? {
        try await records.change(lanes: lanes(id, indexing: false), once: key) {
            () async throws(ServiceError) -> Decision<Answer?> in
            let surroundings = try await surroundings(of: id)
            guard let stored = surroundings.service else { return .settled(nil) }
            var service = stored.record.service
            let answer = try decide(&service)
            return .commit(try await transaction(of: stored, to: service, surroundings), answer)
        }
    }

    /// Empty if nothing changes.
    private func transaction(
        of stored: Stored<ModelServiceRecord>, to service: ModelService, _ surroundings: Surroundings
    ) async throws(ServiceError) -> StateTransaction {
        let former = stored.record.service
        var transaction = StateTransaction()
        guard service != former else { return transaction }
        try transaction.replace(stored, with: ModelServiceRecord(service))
        try await follow(former, service, surroundings, into: &transaction)
        return transaction
    }

    func remove(_ id: ModelServiceID, if condition: (ModelService) -> Bool) async throws(ServiceError) {
        try await records.change(lanes: lanes(id, indexing: true)) { () async throws(ServiceError) -> Decision<Bool> in
            let surroundings = try await surroundings(of: id)
            guard let stored = surroundings.service, condition(stored.record.service) else { return .settled(false) }
            var transaction = StateTransaction()
            try await services.delete(stored, into: &transaction)
            try await follow(stored.record.service, nil, surroundings, into: &transaction)
            return .commit(transaction, true)
        }
    }

    /// The service with the record that most of its changes touch, read at the same moment.
    struct Surroundings {
        let service: Stored<ModelServiceRecord>?
        let work: Stored<IDListRecord>?
    }

    /// The routes of a shard, with their version.
    struct StoredRoutes {
        let shard: Shard
        let routes: Stored<RouteShardRecord>?
        let version: Stored<RouteVersionRecord>?

        /// Writes routes that have changed, with their version.
        func write(_ changed: RouteShardRecord, into transaction: inout StateTransaction) throws(ServiceError) {
            try transaction.write(RouteShardRecord.key(shard), over: routes, changed)
            let next = (version?.record.version.value ?? 0) + 1
            try transaction.write(
                RouteVersionRecord.key(shard), over: version, RouteVersionRecord(version: StoredInteger(next)))
        }
    }

    func surroundings(of id: ModelServiceID) async throws(ServiceError) -> Surroundings {
        let (service, work) = (services.key(id.uuid), Self.workKey(Shard(of: id.uuid)))
        let entries = try await records.entries([service.description, work.description])
        return Surroundings(service: try entries[service], work: try entries[work])
    }

    func routes(in shard: Shard) async throws(ServiceError) -> StoredRoutes {
        let (routes, version) = (RouteShardRecord.key(shard), RouteVersionRecord.key(shard))
        let entries = try await records.entries([routes.description, version.description])
        return StoredRoutes(shard: shard, routes: try entries[routes], version: try entries[version])
    }

    /// Adds what follows from a change of the service: its place in the list of unsettled services, its route, and the
    /// way from its instances to it. What an instance served is forgotten with it.
    ///
    /// What stays as it is is not even read: lists and routes of others cost nothing then.
    /// - Parameter surroundings: nil for a service that was not there before.
    private func follow(
        _ former: ModelService?, _ service: ModelService?, _ surroundings: Surroundings?,
        into transaction: inout StateTransaction
    ) async throws(ServiceError) {
        guard let id = (service ?? former)?.id else { return }
        let shard = Shard(of: id.uuid)
        let isUnsettled = service.map { !$0.isSettled(policy) } ?? false
        if surroundings != nil || isUnsettled {
            let stored =
                if let surroundings { surroundings.work } else { try await records.read(Self.workKey(shard)) }
            var work = stored?.record ?? IDListRecord()
            if isUnsettled ? work.insert(id.description) : work.remove(id.description) {
                try transaction.write(Self.workKey(shard), over: stored, work)
            }
        }
        if former?.route != service?.route {
            let stored = try await routes(in: shard)
            var routes = stored.routes?.record ?? RouteShardRecord()
            if routes.set(service?.route, of: id) { try stored.write(routes, into: &transaction) }
        }
        let before = Set(former?.instances.map(\.id) ?? [])
        let after = Set(service?.instances.map(\.id) ?? [])
        for instance in after.subtracting(before).sorted() {
            try transaction.insert(InstanceRecord.key(instance), InstanceRecord(serviceID: id))
        }
        let gone = before.subtracting(after).sorted()
        guard !gone.isEmpty else { return }
        let keys = gone.map { InstanceRecord.key($0).description } + gone.map { UsageRecord.key($0).description }
        let entries = try await records.entries(keys)
        for id in gone {
            if let instance = try entries[InstanceRecord.key(id)] { transaction.delete(instance) }
            if let usage = try entries[UsageRecord.key(id)] { transaction.delete(usage) }
        }
    }

    func lanes(_ id: ModelServiceID, indexing: Bool) -> [String] {
        let shard = Shard(of: id.uuid)
        return (indexing ? services.lanes(indexing: id.uuid) : services.lanes(changing: id.uuid))
            + [Self.workKey(shard).description, RouteShardRecord.key(shard).description]
    }
}
