import Domain

/// Brings services towards what is wanted, one look at a time.
///
/// A look reads the record, asks the runtime what is there, does the next thing, writes what came of it on condition
/// that nobody changed the record meanwhile, and says when to look again. Nothing is remembered between two looks, so a
/// crash anywhere is repaired by the next one. At most one look at a service at a time within a process.
public struct Reconciler: Sendable {
    /// Times that an outcome is written anew after somebody else changed the record.
    static let maximumWrites = 10

    let repository: any ModelServiceRepository
    let catalog: any ModelCatalog
    let claims: any ResourceClaims
    let runtimes: [RuntimeKind: any Runtime]
    let journal: any TransitionJournal
    let policy: ReconciliationPolicy
    let ambient: Ambient

    public init(
        repository: any ModelServiceRepository, catalog: any ModelCatalog, claims: any ResourceClaims,
        runtimes: [any Runtime], journal: any TransitionJournal, policy: ReconciliationPolicy, ambient: Ambient
    ) {
        self.repository = repository
        self.catalog = catalog
        self.claims = claims
        self.runtimes = Dictionary(runtimes.map { ($0.kind, $0) }) { _, last in last }
        self.journal = journal
        self.policy = policy
        self.ambient = ambient
    }

    /// When to look at a service again.
    public enum NextLook: Hashable, Sendable {
        case now
        case at(Timestamp)
        /// Not before something happens to it.
        case onChange
    }

    /// - Parameter isRecovering: this process takes charge of the service's instances, after a restart for example.
    public func look(at id: ModelServiceID, isRecovering: Bool = false) async throws(ServiceError) -> NextLook {
        guard let stored = try await repository.find(id) else { return .onChange }
        if let change = Rollout(stored.service, policy: policy).nextChange {
            if change == .removeService {
                return try await repository.remove(stored) ? .onChange : .now
            }
            var service = stored.service
            service.apply(change, newID: ambient.newID(), at: ambient.now(), drain: policy.drainTime)
            try await write(service, replacing: stored)
            return .now
        }
        let observations = await observe(stored.service, isRecovering: isRecovering)
        return try await take(steps(stored.service, observations), observations, stored)
    }

    private func steps(
        _ service: ModelService, _ observations: [ModelServiceInstanceID: Observation]
    ) -> [(instance: ModelServiceInstance, step: Step)] {
        let now = ambient.now()
        return service.instances.map { instance in
            let revision = service.revision(instance.revision)
            let step = nextStep(
                instance, isResolved: revision?.model != nil,
                needsClaim: revision?.configuration.requirements.amounts.isEmpty == false,
                observation: observations[instance.id], now: now, policy: policy)
            return (instance, step)
        }
    }

    private func take(
        _ steps: [(instance: ModelServiceInstance, step: Step)],
        _ observations: [ModelServiceInstanceID: Observation], _ stored: StoredModelService
    ) async throws(ServiceError) -> NextLook {
        var service = stored.service
        var effects: [(ModelServiceInstance, Effect)] = []
        var lookAt: Timestamp?
        for (instance, step) in steps {
            switch step {
            case .advance(let transition):
                service.apply(
                    transition, of: instance.id, observations[instance.id], at: ambient.now(), policy: policy,
                    random: ambient.random())
            case .perform(let effect): effects.append((instance, effect))
            case .wait(let until):
                if let until { lookAt = min(until, lookAt ?? until) }
            }
        }
        if service != stored.service {
            try await write(service, replacing: stored)
            return .now
        }
        guard !effects.isEmpty else { return lookAt.map { .at($0) } ?? .onChange }
        let outcomes = await perform(Array(effects.prefix(policy.stepsAtOnce)), of: stored.service)
        try await write(outcomes, stored)
        let isRemoving = outcomes.allSatisfy { $0.outcome == .removing }
        return isRemoving ? .at(ambient.now() + policy.lookAgainAfter) : .now
    }

    private func observe(
        _ service: ModelService, isRecovering: Bool
    ) async -> [ModelServiceInstanceID: Observation] {
        var observations: [ModelServiceInstanceID: Observation] = [:]
        for instance in service.instances where instance.goal == .run && instance.phase.mayBeDeployed {
            guard let handle = instance.handle, let deployment = deployment(of: instance, in: service),
                let runtime = runtimes[deployment.runtime]
            else { continue }
            // A runtime that cannot be asked is no news about the instance; its own failures are in what it answers.
            observations[instance.id] = try? await isRecovering
                ? runtime.recover(deployment.value, handle) : runtime.observe(deployment.value, handle)
        }
        return observations
    }

    private func perform(
        _ effects: [(ModelServiceInstance, Effect)], of service: ModelService
    ) async -> [(instance: ModelServiceInstance, outcome: Outcome)] {
        await withTaskGroup(of: (ModelServiceInstance, Outcome).self) { group in
            for (instance, effect) in effects {
                group.addTask { (instance, await outcome(of: effect, on: instance, in: service)) }
            }
            return await group.reduce(into: []) { $0.append((instance: $1.0, outcome: $1.1)) }
        }
    }

    /// An outcome must not be lost to somebody else's write: it is put onto what they wrote.
    private func write(
        _ outcomes: [(instance: ModelServiceInstance, outcome: Outcome)], _ stored: StoredModelService
    ) async throws(ServiceError) {
        var stored = stored
        for _ in 0..<Self.maximumWrites {
            var service = stored.service
            for (instance, outcome) in outcomes where outcome != .removing {
                service.apply(outcome, of: instance, at: ambient.now(), policy: policy, random: ambient.random())
            }
            if service == stored.service { return }
            if try await write(service, replacing: stored) { return }
            guard let newer = try await repository.find(stored.service.id) else { return }
            stored = newer
        }
    }

    @discardableResult
    private func write(
        _ service: ModelService, replacing stored: StoredModelService
    ) async throws(ServiceError) -> Bool {
        guard try await repository.replace(stored, with: service) else { return false }
        let known = Set(stored.service.events)
        journal.record(service.events.filter { !known.contains($0) }, of: service.id, name: service.name)
        return true
    }
}
