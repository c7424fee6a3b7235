import Domain

/// A change to which instances a service has.
public enum RolloutChange: Hashable, Sendable {
    /// Begin another instance of the wanted revision.
    case start
    /// Take the instance down; `draining` if it may still be sent requests.
    case retire(ModelServiceInstanceID, draining: Bool)
    /// Drop the record of an instance that holds nothing.
    case forget(ModelServiceInstanceID)
    /// Nothing is left: drop the service.
    case removeService
}

/// Compares the instances that a service has with those that it wants. Pure, and one change at a time.
///
/// A new revision takes over by starting one instance more than wanted and retiring an old one for each new one that is
/// ready. Where there is no room for one more, an old one makes room first. A new revision whose instances are given up
/// goes no further: the old ones that are left keep serving.
public struct Rollout {
    private let service: ModelService
    private let policy: ReconciliationPolicy
    /// Meant to run, of the wanted revision and of former ones.
    private let current: [ModelServiceInstance]
    private let former: [ModelServiceInstance]
    private let givenUp: [ModelServiceInstance]

    public init(_ service: ModelService, policy: ReconciliationPolicy) {
        self.service = service
        self.policy = policy
        let number = service.revision.number
        current = service.instances.filter { $0.goal == .run && $0.revision == number }
        former = service.instances.filter { $0.goal == .run && $0.revision != number }
        givenUp = service.instances.filter { $0.goal == .giveUp }
    }

    /// Nil if the instances are as wanted, or what was begun has to end first.
    public var nextChange: RolloutChange? {
        if service.deletionRequestedAt != nil { return deletionChange }
        return forgettable ?? retirable ?? startable
    }

    private var wanted: Int { service.configuration.instanceCount }

    private var deletionChange: RolloutChange? {
        if let instance = (current + former).first { return .retire(instance.id, draining: false) }
        return service.instances.allSatisfy(\.phase.isEnded) ? .removeService : nil
    }

    private var forgettable: RolloutChange? {
        let number = service.revision.number
        if let failed = givenUp.first(where: { $0.phase == .error && ($0.revision != number || isSuperfluous) }) {
            return .forget(failed.id)
        }
        let stopped = service.instances.filter { $0.phase == .stopped }
        guard stopped.count > ModelService.maximumStoppedInstances, let oldest = stopped.first else { return nil }
        return .forget(oldest.id)
    }

    /// Instances of the wanted revision, be they meant to run or given up.
    private var slotsTaken: Int {
        current.count + givenUp.count { $0.revision == service.revision.number }
    }

    private var isSuperfluous: Bool { slotsTaken > wanted }

    private var retirable: RolloutChange? {
        if isSuperfluous, let least = current.min(by: Self.isLessUseful) {
            return .retire(least.id, draining: least.isReady)
        }
        if let useless = former.first(where: { !$0.isReady }) { return .retire(useless.id, draining: false) }
        guard let oldest = former.first else { return nil }
        if former.count > wanted - current.count(where: \.isReady) { return .retire(oldest.id, draining: true) }
        let isBlocked = current.contains { $0.failure?.reason.yieldsToStoppingAnother == true && $0.nextRetryAt != nil }
        let isMakingRoom = service.instances.contains { $0.goal == .stop && !$0.phase.isEnded }
        return isBlocked && !isMakingRoom ? .retire(oldest.id, draining: true) : nil
    }

    private var startable: RolloutChange? {
        guard slotsTaken < wanted, current.count + former.count < wanted + policy.surge else { return nil }
        let isHalted = !givenUp.isEmpty && !former.isEmpty
        return isHalted ? nil : .start
    }

    /// Those that are not ready go first, and of equals the youngest.
    private static func isLessUseful(_ left: ModelServiceInstance, than right: ModelServiceInstance) -> Bool {
        if left.isReady != right.isReady { return !left.isReady }
        return left.createdAt == right.createdAt ? left.id > right.id : left.createdAt > right.createdAt
    }
}

extension ModelService {
    /// Nothing is left to be done; the service is not looked at again before something changes.
    public func isSettled(_ policy: ReconciliationPolicy) -> Bool {
        deletionRequestedAt == nil && instances.allSatisfy(\.phase.isSettled)
            && Rollout(self, policy: policy).nextChange == nil
    }
}
