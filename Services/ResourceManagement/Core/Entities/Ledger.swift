import Domain

/// Pools, claims and allocations as they are at one moment, and the rules by which they change together.
///
/// It is filled with what a change needs, changed, and the difference is written in one transaction. All that keeps
/// a pool from being given out twice is here.
public struct Ledger: Sendable {
    public private(set) var pools: [ResourcePoolID: ResourcePool]
    public private(set) var claims: [ResourceClaimID: ResourceClaim]
    public private(set) var allocations: [ResourceAllocationID: ResourceAllocation]

    public init(
        pools: [ResourcePool] = [], claims: [ResourceClaim] = [], allocations: [ResourceAllocation] = []
    ) {
        self.pools = Dictionary(uniqueKeysWithValues: pools.map { ($0.id, $0) })
        self.claims = Dictionary(uniqueKeysWithValues: claims.map { ($0.id, $0) })
        self.allocations = Dictionary(uniqueKeysWithValues: allocations.map { ($0.id, $0) })
    }

    /// Takes everything that the request asks for, or nothing. The same request again gets the same claim.
    /// - Throws: `.conflict`: `insufficient_capacity`, or `claim_differs` if the id was used for other contents.
    public mutating func claim(
        _ request: ClaimRequest, at now: Timestamp, makeID: () -> UUIDv7
    ) throws(ServiceError) -> (claim: ResourceClaim, isNew: Bool) {
        if let claim = claims[request.id] {
            guard claim.request == request else {
                throw .conflict(
                    code: "claim_differs",
                    message: "The claim \(request.id) exists with other contents. Release it first, or use another id.")
            }
            return (claim, false)
        }
        let pieces = try PoolChoice(request, among: pools.values).pools().map { type, amount, pool in
            ResourceClaim.Piece(id: ResourceAllocationID(makeID()), poolID: pool, type: type, capacity: amount)
        }
        let claim = ResourceClaim(request: request, pieces: pieces, createdAt: now)
        for allocation in claim.allocations {
            pools[allocation.poolID]?.hold(allocation.capacity, as: allocation.id)
            allocations[allocation.id] = allocation
        }
        claims[claim.id] = claim
        return (claim, true)
    }

    /// Gives back everything that the claim holds. Nothing happens if there is no such claim.
    public mutating func release(_ id: ResourceClaimID) {
        guard let claim = claims.removeValue(forKey: id) else { return }
        for piece in claim.pieces {
            pools[piece.poolID]?.giveBack(piece.id)
            allocations[piece.id] = nil
        }
    }

    /// Takes one piece of one pool. The same allocation again changes nothing.
    /// - Throws: `.notFound` for the pool, `.conflict` (`insufficient_capacity`).
    public mutating func allocate(_ allocation: ResourceAllocation) throws(ServiceError) {
        guard var pool = pools[allocation.poolID] else {
            throw .notFound(kind: "resource_pool", id: allocation.poolID.description)
        }
        guard pool.held[allocation.id] == nil else { return }
        guard pool.canHold(allocation.capacity) else {
            throw .conflict(
                code: "insufficient_capacity",
                message: pool.availableCapacity < allocation.capacity
                    ? "\(allocation.capacity) asked, \(pool.availableCapacity) of \(pool.details.totalCapacity) free."
                    : "The pool is held in \(PoolLimits.maximumAllocations) pieces, which is as many as it may be.")
        }
        pool.hold(allocation.capacity, as: allocation.id)
        pools[pool.id] = pool
        allocations[allocation.id] = allocation
    }

    /// Gives one piece back.
    /// - Throws: `.notFound`, `.conflict` (`allocation_claimed`) if it is part of a claim.
    public mutating func deallocate(
        _ id: ResourceAllocationID, of poolID: ResourcePoolID
    ) throws(ServiceError) {
        guard let allocation = allocations[id], allocation.poolID == poolID else {
            throw .notFound(kind: "allocation", id: id.description)
        }
        if let claim = allocation.claimID {
            throw .conflict(
                code: "allocation_claimed",
                message: "It is part of the claim \(claim), whose pieces go together. Release the claim.")
        }
        pools[poolID]?.giveBack(id)
        allocations[id] = nil
    }

    // MARK: For the audit, which restores what the rules would never have let happen

    /// Holds exactly what the allocation says.
    /// - Returns: false if the pool is gone or has not as much; nothing has changed then.
    mutating func hold(_ allocation: ResourceAllocation) -> Bool {
        guard var pool = pools[allocation.poolID] else { return false }
        pool.giveBack(allocation.id)
        guard pool.canHold(allocation.capacity) else { return false }
        pool.hold(allocation.capacity, as: allocation.id)
        pools[pool.id] = pool
        return true
    }

    mutating func giveBack(_ id: ResourceAllocationID, of pool: ResourcePoolID) { pools[pool]?.giveBack(id) }

    mutating func write(_ allocation: ResourceAllocation?, as id: ResourceAllocationID) { allocations[id] = allocation }
}
