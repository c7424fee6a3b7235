import Domain
import Persistence
import ResourceManagementCore

/// A ledger as it was read, with what is needed to write what becomes of it.
struct LedgerSnapshot: Sendable {
    let ledger: Ledger
    private let pools: [ResourcePoolID: Stored<PoolRecord>]
    private let claims: [ResourceClaimID: Stored<ClaimRecord>]
    private let allocations: [ResourceAllocationID: Stored<AllocationRecord>]
    private let index: [Shard: IndexShard]

    /// - Parameter index: its shards for the claims that may come or go.
    init(
        pools: [Stored<PoolRecord>], claims: [Stored<ClaimRecord>] = [], allocations: [Stored<AllocationRecord>] = [],
        index: [Shard: IndexShard] = [:]
    ) throws(ServiceError) {
        var known: [ResourcePool] = []
        for pool in pools { known.append(try pool.record.pool()) }
        ledger = Ledger(
            pools: known, claims: claims.map(\.record.claim), allocations: allocations.map(\.record.allocation))
        self.pools = Dictionary(uniqueKeysWithValues: pools.map { ($0.record.id, $0) })
        self.claims = Dictionary(uniqueKeysWithValues: claims.map { ($0.record.id, $0) })
        self.allocations = Dictionary(uniqueKeysWithValues: allocations.map { ($0.record.id, $0) })
        self.index = index
    }

    /// The writes that lead from this ledger to `after`. Pools are neither added nor removed by them.
    func transaction(to after: Ledger) throws(ServiceError) -> StateTransaction {
        var transaction = StateTransaction()
        for (id, pool) in after.pools where pool != ledger.pools[id] {
            if let stored = pools[id] { try transaction.replace(stored, with: PoolRecord(pool)) }
        }
        for (id, claim) in after.claims where claim != ledger.claims[id] {
            try transaction.write(ClaimRecord.key(id), over: claims[id], ClaimRecord(claim))
        }
        for (id, stored) in claims where after.claims[id] == nil { transaction.delete(stored) }
        for (id, allocation) in after.allocations where allocation != ledger.allocations[id] {
            try transaction.write(AllocationRecord.key(id), over: allocations[id], AllocationRecord(allocation))
        }
        for (id, stored) in allocations where after.allocations[id] == nil { transaction.delete(stored) }
        try writeIndex(to: after, into: &transaction)
        return transaction
    }

    private func writeIndex(to after: Ledger, into transaction: inout StateTransaction) throws(ServiceError) {
        var index = index
        for id in after.claims.keys where ledger.claims[id] == nil {
            _ = try index[Shard(of: id.uuid)]?.insert(id.description)
        }
        for id in ledger.claims.keys where after.claims[id] == nil {
            _ = try index[Shard(of: id.uuid)]?.remove(id.description)
        }
        for shard in index.values { try shard.write(into: &transaction) }
    }
}
