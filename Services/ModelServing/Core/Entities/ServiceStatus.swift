import Domain

/// The state of a whole service in one word.
public enum ServiceStatus: String, Hashable, Sendable, Codable, CaseIterable {
    /// Nothing answers yet.
    case creating
    /// As wanted.
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
        let isCurrent = live.allSatisfy { $0.revision == revision.number }
        return ready == wanted && isCurrent ? .running : .updating
    }

    public var readyReplicas: Int { instances.count(where: \.isReady) }

    /// When the next failed step is tried again; nil if nothing waits for that.
    public var nextRetryAt: Timestamp? { instances.compactMap(\.nextRetryAt).min() }

    /// What went wrong last and still matters: a failure that ended an instance before one that is being retried.
    public var failure: Failure? {
        let current = instances.filter { $0.revision == revision.number }
        return current.first { $0.goal == .giveUp }?.failure ?? current.compactMap(\.failure).first
    }

    /// What a person should do; nil if nothing needs one.
    public var operatorAction: String? { failure?.operatorAction }
}
