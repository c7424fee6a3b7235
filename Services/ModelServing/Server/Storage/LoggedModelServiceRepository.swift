import Domain
import ModelServingCore
import Observability

/// A repository that tells of every change that happened to a service: a log line and a count for each event.
struct LoggedModelServiceRepository: ModelServiceRepository {
    private let repository: any ModelServiceRepository
    private let logger: Logger
    private let events: Counter

    init(_ repository: any ModelServiceRepository, logger: Logger, metrics: MetricsRegistry) {
        self.repository = repository
        self.logger = logger
        events = metrics.counter(
            "slipway_service_events_total", "Events of model services by reason.", labels: ["reason"])
    }

    func find(_ id: ModelServiceID) async throws(ServiceError) -> ModelService? { try await repository.find(id) }

    func find(_ ids: [ModelServiceID]) async throws(ServiceError) -> [ModelService] { try await repository.find(ids) }

    func find(instance id: ModelServiceInstanceID) async throws(ServiceError) -> ModelService? {
        try await repository.find(instance: id)
    }

    func find(named name: ServiceName) async throws(ServiceError) -> ModelService? {
        try await repository.find(named: name)
    }

    func insert(
        _ service: ModelService, once key: IdempotencyKey?
    ) async throws(ServiceError) -> ModelServiceReceipt {
        let receipt = try await repository.insert(service, once: key)
        if receipt.id == service.id { tell(of: service, since: []) }
        return receipt
    }

    func change(
        _ id: ModelServiceID, _ decide: (inout ModelService) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> ModelService? {
        var former: [ServiceEvent] = []
        let changed = try await repository.change(id) { service throws(ServiceError) in
            former = service.events
            try decide(&service)
        }
        if let changed { tell(of: changed, since: former) }
        return changed
    }

    func change<Answer: Codable & Sendable>(
        _ id: ModelServiceID, once key: IdempotencyKey?,
        _ decide: (inout ModelService) throws(ServiceError) -> Answer
    ) async throws(ServiceError) -> Answer? {
        var change: (former: [ServiceEvent], changed: ModelService)?
        let answer = try await repository.change(id, once: key) { service throws(ServiceError) in
            let former = service.events
            let answer = try decide(&service)
            change = (former, service)
            return answer
        }
        if let change { tell(of: change.changed, since: change.former) }
        return answer
    }

    func remove(_ id: ModelServiceID, if condition: (ModelService) -> Bool) async throws(ServiceError) {
        var removed: ModelService?
        try await repository.remove(id) { service in
            let isRemoved = condition(service)
            if isRemoved { removed = service }
            return isRemoved
        }
        guard let removed else { return }
        logger.info(
            "service event",
            [
                "service": removed.name.description, "service_id": "\(id)", "reason": "Deleted",
                "trace_id": TraceContext.current?.traceID ?? "",
            ])
        events.increment(["Deleted"])
    }

    func list(
        _ page: PageRequest, where isIncluded: (ModelService) -> Bool
    ) async throws(ServiceError) -> Page<ModelService> {
        try await repository.list(page, where: isIncluded)
    }

    func unsettled(in shards: Set<Shard>) async throws(ServiceError) -> [ModelServiceID] {
        try await repository.unsettled(in: shards)
    }

    func serving(in shards: Set<Shard>) async throws(ServiceError) -> [ModelServiceID] {
        try await repository.serving(in: shards)
    }

    private func tell(of service: ModelService, since former: [ServiceEvent]) {
        let known = Set(former)
        for event in service.events where !known.contains(event) {
            events.increment([event.reason])
            let fields: KeyValuePairs<String, String> = [
                "service": service.name.description, "service_id": service.id.description,
                "instance_id": event.instanceID?.description ?? "", "reason": event.reason, "detail": event.message,
                "count": "\(event.count)", "trace_id": TraceContext.current?.traceID ?? "",
            ]
            switch event.severity {
            case .normal: logger.info("service event", fields)
            case .warning: logger.warning("service event", fields)
            }
        }
    }
}
