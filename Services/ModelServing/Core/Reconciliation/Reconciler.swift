import Domain

/// Brings services towards what is wanted, one look at a time.
///
/// A look reads the record, asks the runtime what is there, does the next thing, writes what came of it on condition
/// that nobody changed the record meanwhile, and says when to look again. Nothing is remembered between two looks, so a
/// crash anywhere is repaired by the next one. At most one look at a service at a time within a process.
public struct Reconciler: Sendable {
    let repository: any ModelServiceRepository
    let catalog: any ModelCatalog
    let claims: any ResourceClaims
    let runtimes: [RuntimeKind: any Runtime]
    let policy: ReconciliationPolicy
    let ambient: Ambient
    let drains: (any DrainWatch)?
    let holds: @Sendable (ModelServiceID) -> Bool

    /// - Parameters:
    ///   - drains: tells when an instance that is to go has nothing left to do; without it all get the same time.
    ///   - holds: whether the service is this process's to look after at this moment. Asked before each look and again
    ///     before anything is done outside: a process that was held up may have been replaced meanwhile.
    public init(
        repository: any ModelServiceRepository, catalog: any ModelCatalog, claims: any ResourceClaims,
        runtimes: [any Runtime], policy: ReconciliationPolicy, ambient: Ambient,
        drains: (any DrainWatch)? = nil, holds: @escaping @Sendable (ModelServiceID) -> Bool = { _ in true }
    ) {
        self.repository = repository
        self.catalog = catalog
        self.claims = claims
        self.runtimes = Dictionary(runtimes.map { ($0.kind, $0) }) { _, last in last }
        self.policy = policy
        self.ambient = ambient
        self.drains = drains
        self.holds = holds
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
        guard holds(id), let service = try await repository.find(id), holds(id) else { return .onChange }
        if let change = Rollout(service, policy: policy).nextChange {
            try await carryOut(change, service)
            return change == .removeService ? .onChange : .now
        }
        let observations = await observe(service, isRecovering: isRecovering)
        let busy = await busyInstances(of: service)
        return try await take(steps(service, observations, busy), observations, service)
    }

    private func carryOut(_ change: RolloutChange, _ service: ModelService) async throws(ServiceError) {
        switch change {
        case .removeService:
            try await repository.remove(service.id) { Rollout($0, policy: policy).nextChange == .removeService }
            for instance in service.instances { await discard(instance.id) }
        case .start, .retire, .forget:
            let newID: ModelServiceInstanceID = ambient.newID()
            _ = try await repository.change(service.id) { service in
                guard Rollout(service, policy: policy).nextChange == change else { return }
                service.apply(change, newID: newID, at: ambient.now(), drain: policy.drainDeadline)
            }
            if case .forget(let id) = change { await discard(id) }
        }
    }

    private func discard(_ instance: ModelServiceInstanceID) async {
        for runtime in runtimes.values { await runtime.discard(instance) }
    }

    private func steps(
        _ service: ModelService, _ observations: [ModelServiceInstanceID: Observation],
        _ busy: Set<ModelServiceInstanceID>?
    ) -> [(instance: ModelServiceInstance, step: Step)] {
        let now = ambient.now()
        return service.instances.map { instance in
            let revision = service.revision(instance.revision)
            let step = nextStep(
                instance, isResolved: revision?.model != nil,
                needsClaim: revision?.configuration.requirements.amounts.isEmpty == false,
                replicas: service.replicasInside(instance), observation: observations[instance.id],
                isBusy: busy.map { $0.contains(instance.id) }, now: now,
                policy: policy)
            return (instance, step)
        }
    }

    /// Those that drain and have requests left; nil if nobody tells.
    private func busyInstances(of service: ModelService) async -> Set<ModelServiceInstanceID>? {
        let now = ambient.now()
        let draining = service.instances.filter { instance in
            instance.phase == .stopping && instance.drainUntil.map { $0 > now } ?? false
        }
        guard let drains, !draining.isEmpty else { return nil }
        let ids = Set(draining.map(\.id))
        do throws(ServiceError) {
            return try await drains.busy(among: ids, of: service.id)
        } catch {
            // Not to be asked at the moment: nobody says that they are idle.
            return ids
        }
    }

    private func take(
        _ steps: [(instance: ModelServiceInstance, step: Step)],
        _ observations: [ModelServiceInstanceID: Observation], _ service: ModelService
    ) async throws(ServiceError) -> NextLook {
        var transitions: [(instance: ModelServiceInstance, transition: Transition)] = []
        var effects: [(ModelServiceInstance, Effect)] = []
        var lookAt: Timestamp?
        for (instance, step) in steps {
            switch step {
            case .advance(let transition): transitions.append((instance, transition))
            case .perform(let effect): effects.append((instance, effect))
            case .wait(let until):
                if let until { lookAt = min(until, lookAt ?? until) }
            }
        }
        if !transitions.isEmpty {
            _ = try await repository.change(service.id) { service in
                for (instance, transition) in transitions {
                    service.apply(
                        transition, of: instance, observations[instance.id], at: ambient.now(), policy: policy,
                        random: ambient.random())
                }
            }
            return .now
        }
        guard !effects.isEmpty else { return lookAt.map { .at($0) } ?? .onChange }
        guard holds(service.id) else { return .onChange }
        let outcomes = await perform(Array(effects.prefix(policy.stepsAtOnce)), of: service)
        try await write(outcomes, to: service.id)
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
            observations[instance.id] =
                try? await isRecovering
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

    /// An outcome must not be lost to somebody else's write: it is put onto whatever they wrote.
    private func write(
        _ outcomes: [(instance: ModelServiceInstance, outcome: Outcome)], to id: ModelServiceID
    ) async throws(ServiceError) {
        let known = outcomes.filter { $0.outcome != .removing }
        guard !known.isEmpty else { return }
        _ = try await repository.change(id) { service in
            for (instance, outcome) in known {
                service.apply(outcome, of: instance, at: ambient.now(), policy: policy, random: ambient.random())
            }
        }
    }
}
