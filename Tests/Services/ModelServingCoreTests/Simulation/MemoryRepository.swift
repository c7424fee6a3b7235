import Domain
import ModelServingCore
import Synchronization

/// Keeps services in memory. Calls fail before or after they took effect when the run's chaos strikes.
final class MemoryRepository: ModelServiceRepository {
    private struct State {
        var services: [ModelServiceID: ModelService] = [:]
        var receipts: [String: ModelServiceReceipt] = [:]
    }

    private let state = Mutex(State())
    private let chaos: Chaos
    private let policy: ReconciliationPolicy

    init(chaos: Chaos, policy: ReconciliationPolicy = ReconciliationPolicy()) {
        self.chaos = chaos
        self.policy = policy
    }

    var services: [ModelService] {
        state.withLock { $0.services.values.sorted { $0.id < $1.id } }
    }

    private func mayFail() throws(ServiceError) {
        if chaos.strikes() {
            throw .unavailable(code: "sidecar_unavailable", message: "The sidecar is away.", retryAfter: .seconds(1))
        }
    }

    func find(_ id: ModelServiceID) async throws(ServiceError) -> ModelService? {
        try mayFail()
        return state.withLock { $0.services[id] }
    }

    func find(_ ids: [ModelServiceID]) async throws(ServiceError) -> [ModelService] {
        services.filter { ids.contains($0.id) }
    }

    func find(instance id: ModelServiceInstanceID) async throws(ServiceError) -> ModelService? {
        services.first { $0[instance: id] != nil }
    }

    func find(named name: ServiceName) async throws(ServiceError) -> ModelService? {
        services.first { $0.name == name }
    }

    func insert(
        _ service: ModelService, once key: IdempotencyKey?
    ) async throws(ServiceError) -> ModelServiceReceipt {
        try mayFail()
        if let key, let receipt = state.withLock({ $0.receipts[key.digest] }) { return receipt }
        guard try await find(named: service.name) == nil else {
            throw .conflict(code: "name_taken", message: "The name is taken.")
        }
        let receipt = ModelServiceReceipt(id: service.id, instanceIDs: service.instances.map(\.id))
        state.withLock { state in
            state.services[service.id] = service
            if let key { state.receipts[key.digest] = receipt }
        }
        return receipt
    }

    func change(
        _ id: ModelServiceID, _ decide: (inout ModelService) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> ModelService? {
        while true {
            try mayFail()
            guard let former = state.withLock({ $0.services[id] }) else { return nil }
            var service = former
            try decide(&service)
            let isWritten = state.withLock { state in
                guard state.services[id] == former else { return false }
                state.services[id] = service
                return true
            }
            try mayFail()
            if isWritten { return service }
        }
    }

    func change<Answer: Codable & Sendable>(
        _ id: ModelServiceID, once key: IdempotencyKey?,
        _ decide: (inout ModelService) throws(ServiceError) -> Answer
    ) async throws(ServiceError) -> Answer? {
        var answer: Answer?
        _ = try await change(id) { service throws(ServiceError) in answer = try decide(&service) }
        return answer
    }

    func remove(_ id: ModelServiceID, if condition: (ModelService) -> Bool) async throws(ServiceError) {
        try mayFail()
        state.withLock { state in
            if let service = state.services[id], condition(service) { state.services[id] = nil }
        }
        try mayFail()
    }

    func list(
        _ page: PageRequest, where isIncluded: (ModelService) -> Bool
    ) async throws(ServiceError) -> Page<ModelService> {
        let rest = services.filter { (page.after == nil || $0.id.description > page.after ?? "") && isIncluded($0) }
        let elements = Array(rest.prefix(page.size))
        return Page(elements: elements, next: elements.count < rest.count ? elements.last?.id.description : nil)
    }

    func unsettled(in shards: Set<Shard>) async throws(ServiceError) -> [ModelServiceID] {
        services.filter { !$0.isSettled(policy) && shards.contains(Shard(of: $0.id.uuid)) }.map(\.id)
    }

    func serving(in shards: Set<Shard>) async throws(ServiceError) -> [ModelServiceID] {
        services.filter { $0.instances.contains(where: \.isReady) && shards.contains(Shard(of: $0.id.uuid)) }.map(\.id)
    }
}
