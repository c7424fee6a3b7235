import Domain

/// Brings one revision to the number of instances that it is to have, in the place of others.
struct RevisionRollout {
    let revision: Int
    let wanted: Int
    /// It runs beside others for a trial: nothing makes room for it, and it goes no further once one of it is given up.
    let isCanary: Bool
    /// Of this revision, meant to run and given up.
    let current: [ModelServiceInstance]
    let givenUp: [ModelServiceInstance]
    /// Meant to run, of the revisions in whose place it comes.
    let former: [ModelServiceInstance]
    /// Something of the service is being taken down.
    let isMakingRoom: Bool
    let surge: Int

    /// Instances of the revision, be they meant to run or given up.
    private var slotsTaken: Int { current.count + givenUp.count }

    var isSuperfluous: Bool { slotsTaken > wanted }

    var retirable: RolloutChange? {
        if isSuperfluous, let least = current.min(by: Self.isLessUseful) {
            return .retire(least.id, draining: least.isReady)
        }
        if let useless = former.first(where: { !$0.isReady }) { return .retire(useless.id, draining: false) }
        guard let oldest = former.first else { return nil }
        if former.count > wanted - current.count(where: \.isReady) { return .retire(oldest.id, draining: true) }
        let isBlocked = current.contains { $0.failure?.reason.yieldsToStoppingAnother == true && $0.nextRetryAt != nil }
        return isBlocked && !isMakingRoom ? .retire(oldest.id, draining: true) : nil
    }

    var startable: RolloutChange? {
        guard slotsTaken < wanted, current.count + former.count < wanted + surge else { return nil }
        let isHalted = !givenUp.isEmpty && (isCanary || !former.isEmpty)
        return isHalted ? nil : .start(revision: revision)
    }

    /// Those that are not ready go first, and of equals the youngest.
    private static func isLessUseful(_ left: ModelServiceInstance, than right: ModelServiceInstance) -> Bool {
        if left.isReady != right.isReady { return !left.isReady }
        return left.createdAt == right.createdAt ? left.id > right.id : left.createdAt > right.createdAt
    }
}
