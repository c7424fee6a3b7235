#if DEBUG
    import Domain
    import ModelServingCore

    /// A repository with a failpoint on either side of each write: `create`, `request-deletion`, `enter-{phase}`,
    /// `write-handle`, `remove-service`.
    struct FailpointModelServiceRepository: ModelServiceRepository {
        let repository: any ModelServiceRepository

        func find(_ id: ModelServiceID) async throws(ServiceError) -> ModelService? { try await repository.find(id) }

        func find(_ ids: [ModelServiceID]) async throws(ServiceError) -> [ModelService] {
            try await repository.find(ids)
        }

        func find(instance id: ModelServiceInstanceID) async throws(ServiceError) -> ModelService? {
            try await repository.find(instance: id)
        }

        func find(named name: ServiceName) async throws(ServiceError) -> ModelService? {
            try await repository.find(named: name)
        }

        func insert(
            _ service: ModelService, once key: IdempotencyKey?
        ) async throws(ServiceError) -> ModelServiceReceipt {
            await Failpoint.reach(.before, "create")
            let receipt = try await repository.insert(service, once: key)
            await Failpoint.reach(.after, "create")
            return receipt
        }

        func change(
            _ id: ModelServiceID, _ decide: (inout ModelService) throws(ServiceError) -> Void
        ) async throws(ServiceError) -> ModelService? {
            var step: String?
            let changed = try await repository.change(id) { service throws(ServiceError) in
                let former = service
                try decide(&service)
                step = Self.step(from: former, to: service)
                if let step { Failpoint.reachBlocking(.before, step) }
            }
            if let step { await Failpoint.reach(.after, step) }
            return changed
        }

        func change<Answer: Codable & Sendable>(
            _ id: ModelServiceID, once key: IdempotencyKey?,
            _ decide: (inout ModelService) throws(ServiceError) -> Answer
        ) async throws(ServiceError) -> Answer? {
            try await repository.change(id, once: key, decide)
        }

        func remove(_ id: ModelServiceID, if condition: (ModelService) -> Bool) async throws(ServiceError) {
            await Failpoint.reach(.before, "remove-service")
            try await repository.remove(id, if: condition)
            await Failpoint.reach(.after, "remove-service")
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

        /// Nil for a change that is no step of provisioning or deletion.
        private static func step(from former: ModelService, to service: ModelService) -> String? {
            if former.deletionRequestedAt != service.deletionRequestedAt { return "request-deletion" }
            for instance in service.instances {
                guard let before = former[instance: instance.id] else { continue }
                if before.phase != instance.phase { return "enter-\(instance.phase.rawValue)" }
                if before.handle != instance.handle { return "write-handle" }
            }
            return nil
        }
    }
#endif
