import Domain

/// Something that is held and should not be, or should be held and is not.
public enum Holding: Hashable, Sendable {
    /// Capacity of an instance that nobody is going to give back.
    case orphanClaim(ClaimID)
    /// An engine of an instance that should not have one.
    case orphanDeployment(ModelServiceInstanceID, RuntimeKind)
    /// An instance that runs on capacity which is not claimed for it.
    case missingClaim(ModelServiceInstanceID)

    public static let kinds = ["orphan_claim", "orphan_deployment", "missing_claim"]

    var kind: String {
        switch self {
        case .orphanClaim: "orphan_claim"
        case .orphanDeployment: "orphan_deployment"
        case .missingClaim: "missing_claim"
        }
    }

    public var finding: ConsistencyFinding {
        switch self {
        case .orphanClaim(let id):
            ConsistencyFinding(
                kind: kind, subject: "claim:\(id.uuid)",
                message: "Capacity is held for an instance that neither runs nor is being started. It is released.")
        case .orphanDeployment(let id, let runtime):
            ConsistencyFinding(
                kind: kind, subject: "instance:\(id)",
                message: "The \(runtime.rawValue) runtime has an engine for an instance that should not have one. "
                    + "It is taken down.")
        case .missingClaim(let id):
            ConsistencyFinding(
                kind: kind, subject: "claim:\(id)",
                message: "An instance runs without a claim, so that its capacity may be given to others. "
                    + "It is claimed again if it is free; else stop a service, or add capacity.")
        }
    }
}

/// A claim as ResourceManagement lists it.
public struct HeldClaim: Hashable, Sendable {
    public let id: ClaimID
    public let serviceID: ModelServiceID

    public init(id: ClaimID, serviceID: ModelServiceID) {
        self.id = id
        self.serviceID = serviceID
    }
}

extension ModelServiceInstance {
    /// What the instance's phase says about a claim in its name: those of replicas that it does not have, and is not
    /// about to have, belong to nobody.
    func isOrphan(_ claim: ClaimID) -> Bool {
        guard !phase.isEnded else { return true }
        guard phase.mayBeScaled, let claimedReplicas, nextRetryAt == nil else { return false }
        return claim.replica >= max(claimedReplicas, replicas?.present ?? 0)
    }

    /// An engine of it has no business to be there.
    var deploymentIsOrphan: Bool { !phase.mayBeDeployed }

    /// It is past the claim, and has not begun to give it back.
    var needsItsClaim: Bool {
        switch phase {
        case .deploying, .starting, .running, .unhealthy, .restarting: goal == .run
        case .pending, .resolving, .claiming, .stopping, .releasing, .stopped, .error: false
        }
    }
}
