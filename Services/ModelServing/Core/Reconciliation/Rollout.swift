import Domain

/// A change to which instances a service has.
public enum RolloutChange: Hashable, Sendable {
    /// Begin another instance of this revision.
    case start(revision: Int)
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
///
/// A canary takes nothing over: its instances come beside those of the stable revision, which is kept at the wanted
/// number. It goes on from there when its percent is cleared.
public struct Rollout {
    private let service: ModelService
    /// Of the revisions that are to have instances; that of a canary is the last.
    private let rollouts: [RevisionRollout]

    public init(_ service: ModelService, policy: ReconciliationPolicy) {
        self.service = service
        let wanted = service.instancesWanted
        let canary = service.canary?.revision
        let running = service.instances.filter { $0.goal == .run }
        let former = running.filter { wanted[$0.revision] == nil }
        let isMakingRoom = service.instances.contains { $0.goal == .stop && !$0.phase.isEnded }
        rollouts = wanted.sorted { $0.key < $1.key }.map { number, count in
            RevisionRollout(
                revision: number, wanted: count, isCanary: number == canary,
                current: running.filter { $0.revision == number },
                givenUp: service.instances.filter { $0.goal == .giveUp && $0.revision == number },
                former: number == canary ? [] : former, isMakingRoom: isMakingRoom, surge: policy.surge)
        }
    }

    /// Nil if the instances are as wanted, or what was begun has to end first.
    public var nextChange: RolloutChange? {
        if service.deletionRequestedAt != nil { return deletionChange }
        return forgettable ?? formerCanary ?? rollouts.lazy.compactMap(\.retirable).first
            ?? rollouts.lazy.compactMap(\.startable).first
    }

    private var deletionChange: RolloutChange? {
        if let instance = service.instances.first(where: { $0.goal == .run }) {
            return .retire(instance.id, draining: instance.isReady)
        }
        return service.instances.allSatisfy(\.phase.isEnded) ? .removeService : nil
    }

    private var forgettable: RolloutChange? {
        let failed = service.instances.first { instance in
            guard instance.goal == .giveUp, instance.phase == .error else { return false }
            return rollouts.first { $0.revision == instance.revision }?.isSuperfluous ?? true
        }
        if let failed { return .forget(failed.id) }
        let stopped = service.instances.filter { $0.phase == .stopped }
        guard stopped.count > ModelService.maximumStoppedInstances, let oldest = stopped.first else { return nil }
        return .forget(oldest.id)
    }

    /// A canary that was rolled back, or had another put in its place, waits for nobody to take over from it, as long
    /// as at least as many others serve.
    private var formerCanary: RolloutChange? {
        let superseded = service.instances.filter { $0.goal == .run && service.isFormerCanary($0) }
        let serving = service.instances.count { $0.isReady && !service.isCanary($0.revision) }
        guard let first = superseded.first, serving >= superseded.count else { return nil }
        return .retire(first.id, draining: first.isReady)
    }
}

extension ModelService {
    /// Nothing is left to be done; the service is not looked at again before something changes.
    public func isSettled(_ policy: ReconciliationPolicy) -> Bool {
        deletionRequestedAt == nil
            && instances.allSatisfy { $0.phase.isSettled && (!$0.phase.mayBeScaled || isScaled($0)) }
            && Rollout(self, policy: policy).nextChange == nil
    }

    /// It has the replicas inside that it is to have, and capacity for these.
    func isScaled(_ instance: ModelServiceInstance) -> Bool { instance.isScaled(to: replicasInside(instance)) }
}
