import Domain

/// Keeps pools, and what is held of them.
public protocol ResourceRepository: Sendable {
    /// Adds a pool under its own, new id. With a key that was used before for the same request, nothing is added.
    /// - Returns: the id that the pool has, which is the earlier one's then.
    /// - Throws: `.conflict` (`name_taken`).
    func insert(_ pool: ResourcePool, once key: IdempotencyKey?) async throws(ServiceError) -> ResourcePoolID

    /// - Throws: `.notFound`.
    func read(_ id: ResourcePoolID) async throws(ServiceError) -> ResourcePool

    /// Nil if no pool has the name.
    func find(named name: EntityName) async throws(ServiceError) -> ResourcePool?

    /// Those that are included, in creation order.
    func page(
        _ page: PageRequest, ofType type: ResourceType?, where isIncluded: (ResourcePoolID) -> Bool
    ) async throws(ServiceError) -> Page<ResourcePool>

    /// Reads, changes and writes until no other writer comes between; `change` may run several times.
    /// - Throws: `.notFound`, `.conflict` (`name_taken`, `write_conflict`), and what `change` throws.
    func update(
        _ id: ResourcePoolID, _ change: (inout ResourcePool) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> ResourcePool

    /// Deletes a pool if `isAllowed`, which is also given some of what is held of it, does not throw.
    /// - Throws: `.notFound`, and what `isAllowed` throws.
    func delete(
        _ id: ResourcePoolID, if isAllowed: (ResourcePool, [ResourceAllocation]) throws(ServiceError) -> Void
    ) async throws(ServiceError)

    /// - Throws: `.notFound` for pool and allocation.
    func allocation(
        _ id: ResourceAllocationID, of pool: ResourcePoolID
    ) async throws(ServiceError) -> ResourceAllocation

    /// Those that are included, in creation order.
    func allocations(
        of pool: ResourcePoolID, _ page: PageRequest, where isIncluded: (ResourceAllocationID) -> Bool
    ) async throws(ServiceError) -> Page<ResourceAllocation>

    /// `Ledger.allocate`, written.
    /// - Returns: the id that the allocation has.
    func allocate(
        _ allocation: ResourceAllocation, once key: IdempotencyKey?
    ) async throws(ServiceError) -> ResourceAllocationID

    /// `Ledger.deallocate`, written.
    func deallocate(_ id: ResourceAllocationID, of pool: ResourcePoolID) async throws(ServiceError)

    /// `Ledger.claim`, written.
    func claim(_ request: ClaimRequest) async throws(ServiceError) -> (claim: ResourceClaim, isNew: Bool)

    /// - Throws: `.notFound`.
    func claim(_ id: ResourceClaimID) async throws(ServiceError) -> ResourceClaim

    /// Those that are included, in the order of their ids.
    func claims(
        _ page: PageRequest, where isIncluded: (ResourceClaimID) -> Bool
    ) async throws(ServiceError) -> Page<ResourceClaim>

    /// `Ledger.release`, written.
    func release(_ id: ResourceClaimID) async throws(ServiceError)
}
