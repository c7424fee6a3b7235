import Domain
import Persistence
import ResourceManagementCore

/// Pools, allocations and claims in the state store, each change in one transaction.
struct DaprResourceRepository: ResourceRepository {
    private let records: RecordStore
    private let pools: EntityCollection<PoolRecord>
    private let claims: EntityCollection<ClaimRecord>
    private let writer: ClaimWriter

    init(
        _ records: RecordStore, now: @escaping @Sendable () -> Timestamp, makeID: @escaping @Sendable () -> UUIDv7
    ) {
        self.records = records
        pools = PoolRecord.collection(in: records)
        claims = ClaimRecord.collection(in: records)
        writer = ClaimWriter(records, now: now, makeID: makeID)
    }

    // MARK: Pools

    func insert(_ pool: ResourcePool, once key: IdempotencyKey?) async throws(ServiceError) -> ResourcePoolID {
        try await records.change(lanes: pools.lanes(indexing: pool.id.uuid), once: key) {
            () async throws(ServiceError) -> Decision<ResourcePoolID> in
            var transaction = StateTransaction()
            guard try await pools.insert(PoolRecord(pool), into: &transaction) else { return .settled(pool.id) }
            return .commit(transaction, pool.id)
        }
    }

    func read(_ id: ResourcePoolID) async throws(ServiceError) -> ResourcePool {
        try await pools.read(id.uuid).record.pool()
    }

    func find(named name: EntityName) async throws(ServiceError) -> ResourcePool? {
        try await pools.find(named: name.description)?.record.pool()
    }

    func page(
        _ page: PageRequest, ofType type: ResourceType?, where isIncluded: (ResourcePoolID) -> Bool
    ) async throws(ServiceError) -> Page<ResourcePool> {
        let found = try await pools.page(page) { pool in
            (type == nil || pool.resourceType == type) && isIncluded(ResourcePoolID(pool.uuid))
        }
        var elements: [ResourcePool] = []
        for stored in found.elements { elements.append(try stored.record.pool()) }
        return Page(elements: elements, next: found.next)
    }

    func update(
        _ id: ResourcePoolID, _ change: (inout ResourcePool) throws(ServiceError) -> Void
    ) async throws(ServiceError) -> ResourcePool {
        try await records.change(lanes: [ClaimWriter.lane]) { () async throws(ServiceError) -> Decision<ResourcePool> in
            let stored = try await pools.read(id.uuid)
            var pool = try stored.record.pool()
            try change(&pool)
            var transaction = StateTransaction()
            try await pools.replace(stored, with: PoolRecord(pool), into: &transaction)
            return .commit(transaction, pool)
        }
    }

    func delete(
        _ id: ResourcePoolID, if isAllowed: (ResourcePool, [ResourceAllocation]) throws(ServiceError) -> Void
    ) async throws(ServiceError) {
        try await records.change(lanes: [ClaimWriter.lane] + pools.lanes(indexing: id.uuid)) {
            () async throws(ServiceError) -> Decision<Bool> in
            let stored = try await pools.read(id.uuid)
            let pool = try stored.record.pool()
            let some = pool.held.keys.sorted().prefix(PoolLimits.maximumNamed).map(AllocationRecord.key)
            try isAllowed(pool, try await records.read(some).map(\.record.allocation))
            var transaction = StateTransaction()
            try await pools.delete(stored, into: &transaction)
            return .commit(transaction, true)
        }
    }

    // MARK: Allocations

    func allocation(
        _ id: ResourceAllocationID, of pool: ResourcePoolID
    ) async throws(ServiceError) -> ResourceAllocation {
        guard let stored = try await records.read(AllocationRecord.key(id)), stored.record.poolID == pool else {
            throw .notFound(kind: "allocation", id: id.description)
        }
        return stored.record.allocation
    }

    func allocations(
        of pool: ResourcePoolID, _ page: PageRequest, where isIncluded: (ResourceAllocationID) -> Bool
    ) async throws(ServiceError) -> Page<ResourceAllocation> {
        let after = try page.after.map { text throws(ServiceError) -> ResourceAllocationID in
            guard let id = ResourceAllocationID(text) else { throw .invalid("page_token", "is not from this list") }
            return id
        }
        let ids = try await read(pool).held.keys.filter { id in (after.map { id > $0 } ?? true) && isIncluded(id) }
            .sorted()
        let some = ids.prefix(page.size)
        let found = try await records.read(some.map(AllocationRecord.key))
        return Page(
            elements: found.map(\.record.allocation), next: some.count < ids.count ? some.last?.description : nil)
    }

    func allocate(
        _ allocation: ResourceAllocation, once key: IdempotencyKey?
    ) async throws(ServiceError) -> ResourceAllocationID {
        try await records.change(lanes: [ClaimWriter.lane], once: key) {
            () async throws(ServiceError) -> Decision<ResourceAllocationID> in
            let snapshot = try LedgerSnapshot(pools: [try await pools.read(allocation.poolID.uuid)])
            var ledger = snapshot.ledger
            try ledger.allocate(allocation)
            let transaction = try snapshot.transaction(to: ledger)
            return transaction.isEmpty ? .settled(allocation.id) : .commit(transaction, allocation.id)
        }
    }

    func deallocate(_ id: ResourceAllocationID, of pool: ResourcePoolID) async throws(ServiceError) {
        try await records.change(lanes: [ClaimWriter.lane]) { () async throws(ServiceError) -> Decision<Bool> in
            let stored = try await pools.read(pool.uuid)
            let snapshot = try LedgerSnapshot(
                pools: [stored], allocations: try await records.read([AllocationRecord.key(id)]))
            var ledger = snapshot.ledger
            try ledger.deallocate(id, of: pool)
            return .commit(try snapshot.transaction(to: ledger), true)
        }
    }

    // MARK: Claims

    func claim(_ request: ClaimRequest) async throws(ServiceError) -> (claim: ResourceClaim, isNew: Bool) {
        guard case .claimed(let claim, let isNew) = try await writer.submit(.claim(request)) else {
            throw .internalFault(detail: "the claim \(request.id) was answered with a release")
        }
        return (claim, isNew)
    }

    func claim(_ id: ResourceClaimID) async throws(ServiceError) -> ResourceClaim {
        guard let stored = try await records.read(ClaimRecord.key(id)) else {
            throw .notFound(kind: "resource_claim", id: id.description)
        }
        return stored.record.claim
    }

    func claims(
        _ page: PageRequest, where isIncluded: (ResourceClaimID) -> Bool
    ) async throws(ServiceError) -> Page<ResourceClaim> {
        try await claims.page(page) { isIncluded(ResourceClaimID($0.uuid)) }.map(\.record.claim)
    }

    func release(_ id: ResourceClaimID) async throws(ServiceError) { _ = try await writer.submit(.release(id)) }
}
