import Domain

/// Gives out capacity, to each replica for itself.
public protocol ResourceClaims: Sendable {
    /// All that `claim` asks for, or nothing. Idempotent.
    /// - Throws: a failure whose reason is `insufficientCapacity`, `capacityExceeded`, `claimRefused` or
    ///   `resourceManagementUnavailable`.
    func claim(_ claim: ResourceClaim) async throws(Failure)

    /// Gives back what the claim holds. Idempotent: one that is not there is fine.
    func release(_ claim: ClaimID) async throws(Failure)

    /// Every claim that is held.
    /// - Throws: `resourceManagementUnavailable`, also if there are more than can be listed.
    func held() async throws(Failure) -> [HeldClaim]

    /// Why `requirements` could not be claimed at this moment; nil if they could. Claims nothing.
    func shortfall(
        _ requirements: ResourceRequirements, from pools: PoolSelector
    ) async throws(Failure) -> String?
}

/// What one replica needs, and from where.
public struct ResourceClaim: Hashable, Sendable {
    public let serviceID: ModelServiceID
    public let id: ClaimID
    public let requirements: ResourceRequirements
    public let pools: PoolSelector
    /// Nil for best fit.
    public let placement: Placement?

    public init(
        serviceID: ModelServiceID, id: ClaimID, requirements: ResourceRequirements,
        pools: PoolSelector = PoolSelector(), placement: Placement? = nil
    ) {
        self.serviceID = serviceID
        self.id = id
        self.requirements = requirements
        self.pools = pools
        self.placement = placement
    }
}
