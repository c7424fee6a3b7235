import Domain

/// The state of a whole service in one word.
public enum ServiceStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// Nothing answers yet.
    case creating
    /// As wanted; with a canary, as far as it is to go.
    case running
    /// Answers, and is on its way to what is wanted: another revision, or more replicas.
    case updating
    /// Something that is wanted does not run, or not well; `conditions` and `operator_action` say more.
    case degraded
    case stopping
    /// No replica is wanted, and none is there.
    case stopped
    case deleting
    /// Given up, holding nothing. It stays so until someone updates or retries it.
    case error
}

extension ModelService {
    public var status: ServiceStatus {
        if deletionRequestedAt != nil { return .deleting }
        let wanted = configuration.instanceCount
        if wanted == 0 { return instances.allSatisfy(\.phase.isEnded) ? .stopped : .stopping }
        let live = instances.filter { $0.goal == .run }
        let givenUp = instances.filter { $0.goal == .giveUp }
        let ready = live.count(where: \.isReady)
        if ready == 0 {
            if live.isEmpty, !givenUp.isEmpty, givenUp.allSatisfy(\.phase.isEnded) { return .error }
            return live.contains(where: \.isDisturbed) ? .degraded : .creating
        }
        let isDisturbed = !givenUp.isEmpty || live.contains(where: \.isDisturbed)
        if isDisturbed { return .degraded }
        var readyInstances: [Int: Int] = [:]
        for instance in live { readyInstances[instance.revision, default: 0] += instance.isReady ? 1 : 0 }
        return readyInstances == instancesWanted && live.allSatisfy(hasItsReplicas) ? .running : .updating
    }

    /// Of a deployment on a cluster that scales itself, any number that is ready will do.
    private func hasItsReplicas(_ instance: ModelServiceInstance) -> Bool {
        guard isScaled(instance), let replicas = instance.replicas else { return isScaled(instance) }
        let isScaledByTheCluster = revision(instance.revision)?.configuration.options?.autoscaling != nil
        return isScaledByTheCluster || replicas.ready >= replicasInside(instance)
    }

    public var readyReplicas: Int {
        instances.reduce(0) { $0 + ($1.isReady ? $1.replicas?.ready ?? 1 : 0) }
    }

    /// When the next failed step is tried again; nil if nothing waits for that.
    public var nextRetryAt: Timestamp? { instances.compactMap(\.nextRetryAt).min() }

    /// What went wrong last and still matters: a failure that ended an instance before one that is being retried.
    public var failure: Failure? {
        for number in [revision.number, canary?.stable] {
            let instances = instances.filter { $0.revision == number }
            let failure = instances.first { $0.goal == .giveUp }?.failure ?? instances.compactMap(\.failure).first
            if let failure { return failure }
        }
        return nil
    }

    /// What a person should do; nil if nothing needs one.
    public var operatorAction: String? {
        guard let failure else { return nil }
        guard let canary, instances.contains(where: { $0.goal == .giveUp && $0.revision == canary.revision }) else {
            return failure.operatorAction
        }
        return failure.operatorAction
            + " Or roll the service back: revision \(canary.stable) keeps serving, and the canary goes no further."
    }
}
