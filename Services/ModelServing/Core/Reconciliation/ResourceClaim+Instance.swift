import Domain

extension ModelService {
    /// What the instance's first `count` replicas need; empty if they need nothing, or its revision is not in the
    /// record.
    func claims(of instance: ModelServiceInstance, count: Int) -> [ResourceClaim] {
        guard let configuration = revision(instance.revision)?.configuration,
            !configuration.requirements.amounts.isEmpty
        else { return [] }
        return (0..<count).map { replica in
            ResourceClaim(
                serviceID: id, id: ClaimID(instance.id, replica: replica), requirements: configuration.requirements,
                pools: configuration.pools, placement: configuration.placement)
        }
    }

    /// What it should hold.
    func claims(of instance: ModelServiceInstance) -> [ResourceClaim] {
        claims(of: instance, count: instance.claimedReplicas ?? replicasInside(instance))
    }

    /// How many replicas the instance is to have inside.
    func replicasInside(_ instance: ModelServiceInstance) -> Int {
        revision(instance.revision)?.configuration.replicasInside ?? 1
    }
}
