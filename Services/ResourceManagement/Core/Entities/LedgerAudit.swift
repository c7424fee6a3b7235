import Domain

/// What can be wrong between a pool, an allocation and a claim.
public enum LedgerFault: String, CaseIterable, Sendable {
    case holdWithoutAllocation = "hold_without_allocation"
    case allocationWithoutClaim = "allocation_without_claim"
    case claimWithoutAllocation = "claim_without_allocation"
    case allocationWithoutHold = "allocation_without_hold"
    case capacityDiffers = "capacity_differs"
    case poolOvercommitted = "pool_overcommitted"
}

/// Compares the three places in which every piece of a pool is written down: what the pool holds, the allocation, and
/// the claim that it is part of.
///
/// What the holder was told is right: the claim's word where there is a claim, else the allocation's. What nobody can
/// give back any more, because nobody knows of it, is given back; what is missing of a claim or an allocation is
/// written again, unless the pool has given the capacity to others meanwhile.
public struct LedgerAudit: Sendable {
    /// What was found, and whether `ledger` is the better for it.
    public typealias Outcome = (fault: LedgerFault, isMended: Bool)

    /// With everything mended that `settle` found.
    public private(set) var ledger: Ledger
    /// What the claims say.
    private let claimed: [ResourceAllocationID: ResourceAllocation]

    public init(_ ledger: Ledger) {
        self.ledger = ledger
        claimed = Dictionary(ledger.claims.values.flatMap(\.allocations).map { ($0.id, $0) }) { first, _ in first }
    }

    /// Makes the three places agree about one piece of one pool. The pool, the allocation and its claim must be in the
    /// ledger as far as they exist.
    /// - Returns: nil if they agree.
    public mutating func settle(_ id: ResourceAllocationID, of pool: ResourcePoolID) -> Outcome? {
        let allocation = ledger.allocations[id]
        let held = ledger.pools[pool]?.held[id]
        // An allocation that names a claim which does not name it can neither be given back by the claim nor alone.
        let right = claimed[id] ?? (allocation?.claimID == nil ? allocation : nil)
        guard let right else {
            guard held != nil || allocation != nil else { return nil }
            ledger.giveBack(id, of: pool)
            ledger.write(nil, as: id)
            return (allocation == nil ? .holdWithoutAllocation : .allocationWithoutClaim, true)
        }
        guard right.poolID == pool else {
            guard held != nil else { return nil }
            ledger.giveBack(id, of: pool)
            return (.holdWithoutAllocation, true)
        }
        guard held != right.capacity else {
            guard allocation != right else { return nil }
            ledger.write(right, as: id)
            return (.claimWithoutAllocation, true)
        }
        let isMended = ledger.hold(right)
        if isMended { ledger.write(right, as: id) }
        return (held == nil ? .allocationWithoutHold : .capacityDiffers, isMended)
    }

    /// More is held than there is. Only those who hold it, or who own the pool, can change that.
    public static func isOvercommitted(_ pool: ResourcePool) -> Bool { pool.availableCapacity < 0 }
}
