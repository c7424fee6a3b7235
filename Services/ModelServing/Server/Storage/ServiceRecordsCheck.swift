import Contracts
import Domain
import ModelServingCore
import Persistence

/// Compares the records of model services with what is derived from them: index, names, the list of unsettled services,
/// the routes, and the way from instances to their services.
struct ServiceRecordsCheck: ConsistencyCheck {
    private enum Fault: String {
        case workDiffers = "work_differs"
        case routeDiffers = "route_differs"
        case instanceWithoutRecord = "instance_without_record"
        case workWithoutService = "work_without_service"
        case routeWithoutService = "route_without_service"

        func finding(_ subject: String, _ message: String) -> ConsistencyFinding {
            ConsistencyFinding(kind: rawValue, subject: subject, message: message)
        }
    }

    let repository: DaprModelServiceRepository

    private var records: RecordStore { repository.records }
    private var policy: ReconciliationPolicy { repository.policy }

    func check(
        _ shard: Shard, repairing: Bool, pause: () async -> Void
    ) async throws(ServiceError) -> ConsistencyReport {
        var report = ConsistencyReport()
        // Read before the services: who is in neither list by then, and is no suspect, was never to be.
        let work = try await records.read(DaprModelServiceRepository.workKey(shard))?.record
        let routes = try await records.read(RouteShardRecord.key(shard))?.record
        var listed: Set<ModelServiceID> = []
        var suspects: Set<ModelServiceID> = []
        var strays: Set<ModelServiceID> = []
        try await repository.services.check(
            shard, as: "model_services", repairing: repairing, into: &report, pause: pause
        ) { page throws(ServiceError) in
            let services = page.map(\.record.service)
            listed.formUnion(services.map(\.id))
            for service in services {
                let isInWork = work?.contains(service.id.description) ?? false
                if isInWork == service.isSettled(policy) || routes?.route(of: service.id) != service.route {
                    suspects.insert(service.id)
                }
            }
            strays.formUnion(try await servicesOfStrayInstances(services))
        }
        let mentioned = Set(
            (work?.ids ?? []).compactMap { ModelServiceID($0) } + (routes?.routes ?? []).map(\.serviceID))
        for id in mentioned.subtracting(listed).sorted() {
            try await repository.services.check(suspect: id.uuid, repairing: repairing, into: &report)
            suspects.insert(id)
        }
        for id in suspects.sorted() { try await checkDerived(id, repairing: repairing, into: &report) }
        for id in strays.sorted() { try await checkInstances(of: id, repairing: repairing, into: &report) }
        return report
    }

    /// Those of `services` that have an instance which does not lead to them.
    private func servicesOfStrayInstances(
        _ services: [ModelService]
    ) async throws(ServiceError) -> [ModelServiceID] {
        let keys = services.flatMap(\.instances).map { InstanceRecord.key($0.id).description }
        let entries = try await records.entries(keys)
        var found: [ModelServiceID] = []
        for service in services {
            for instance in service.instances
            where try entries[InstanceRecord.key(instance.id)]?.record.serviceID != service.id {
                found.append(service.id)
                break
            }
        }
        return found
    }

    /// Work and route of one service, or of one that is gone.
    private func checkDerived(
        _ id: ModelServiceID, repairing: Bool, into report: inout ConsistencyReport
    ) async throws(ServiceError) {
        report.add(
            try await records.mend(lanes: repository.lanes(id, indexing: false), repairing: repairing) {
                () async throws(ServiceError) -> Disagreement? in
                let shard = Shard(of: id.uuid)
                // Before the service: a route that comes with it in between shows in an ETag.
                let stored = try await repository.routes(in: shard)
                let found = try await repository.surroundings(of: id)
                let service = found.service?.record.service
                var writes = StateTransaction()
                var fault: Fault?
                var work = found.work?.record ?? IDListRecord()
                let isUnsettled = service.map { !$0.isSettled(policy) } ?? false
                if isUnsettled ? work.insert(id.description) : work.remove(id.description) {
                    try writes.write(DaprModelServiceRepository.workKey(shard), over: found.work, work)
                    fault = service == nil ? .workWithoutService : .workDiffers
                }
                var routes = stored.routes?.record ?? RouteShardRecord()
                if routes.set(service?.route, of: id) {
                    try stored.write(routes, into: &writes)
                    fault = service == nil ? .routeWithoutService : .routeDiffers
                }
                guard let fault else { return nil }
                if let stored = found.service { try writes.replace(stored, with: stored.record) }
                return .repairable(
                    fault.finding("service:\(id)", "What is derived from it is not what follows from it."), by: writes)
            })
    }

    /// Each instance leads to its service.
    private func checkInstances(
        of id: ModelServiceID, repairing: Bool, into report: inout ConsistencyReport
    ) async throws(ServiceError) {
        report.add(
            try await records.mend(lanes: repository.lanes(id, indexing: false), repairing: repairing) {
                () async throws(ServiceError) -> Disagreement? in
                guard let stored = try await records.read(repository.services.key(id.uuid)) else { return nil }
                let instances = stored.record.service.instances.map(\.id)
                guard !instances.isEmpty else { return nil }
                let entries = try await records.entries(instances.map { InstanceRecord.key($0).description })
                var writes = StateTransaction()
                for instance in instances where try entries[InstanceRecord.key(instance)]?.record.serviceID != id {
                    try writes.write(
                        InstanceRecord.key(instance), over: try entries[InstanceRecord.key(instance)],
                        InstanceRecord(serviceID: id))
                }
                guard !writes.isEmpty else { return nil }
                try writes.replace(stored, with: stored.record)
                return .repairable(
                    Fault.instanceWithoutRecord.finding(
                        "service:\(id)", "An instance of it does not lead to it, so that nobody finds it by the id."),
                    by: writes)
            })
    }
}
