import Domain
import Persistence
import ResourceManagementCore

/// Takes and releases claims, all that wait at the same time in one transaction.
struct ClaimWriter: Sendable {
    enum Request: Sendable {
        case claim(ClaimRequest)
        case release(ResourceClaimID)

        var id: ResourceClaimID {
            switch self {
            case .claim(let request): request.id
            case .release(let id): id
            }
        }
    }

    enum Answer: Sendable {
        case claimed(ResourceClaim, isNew: Bool)
        case released
    }

    /// Whoever changes what is held of a pool, or how much it has, takes this lane.
    static let lane = "ledger"

    /// Of one request in the transaction: the claim, for each resource type a piece and its pool, and the index.
    private static let operations = 1 + 2 * ResourceType.allCases.count + IndexLimits.operations

    private let commits: GroupCommit<Request, Answer>

    init(
        _ records: RecordStore, now: @escaping @Sendable () -> Timestamp, makeID: @escaping @Sendable () -> UUIDv7
    ) {
        let pools = PoolRecord.collection(in: records)
        let claims = ClaimRecord.collection(in: records)
        commits = GroupCommit(records, lane: Self.lane, operations: Self.operations) { requests throws(ServiceError) in
            try await records.change { () async throws(ServiceError) -> Decision<[Result<Answer, ServiceError>]> in
                let snapshot = try await Self.read(for: requests, records, pools, claims)
                var ledger = snapshot.ledger
                let outcomes = requests.map { request in
                    Result { () throws(ServiceError) in
                        try Self.apply(request, to: &ledger, at: now(), makeID: makeID)
                    }
                }
                let transaction = try snapshot.transaction(to: ledger)
                return transaction.isEmpty ? .settled(outcomes) : .commit(transaction, outcomes)
            }
        }
    }

    func submit(_ request: Request) async throws(ServiceError) -> Answer { try await commits.submit(request) }

    private static func apply(
        _ request: Request, to ledger: inout Ledger, at now: Timestamp, makeID: () -> UUIDv7
    ) throws(ServiceError) -> Answer {
        switch request {
        case .claim(let request):
            let (claim, isNew) = try ledger.claim(request, at: now, makeID: makeID)
            return .claimed(claim, isNew: isNew)
        case .release(let id):
            ledger.release(id)
            return .released
        }
    }

    /// Two bulk reads: the claims with the index of all pools, then those pools and the claims' allocations.
    private static func read(
        for requests: [Request], _ records: RecordStore, _ pools: EntityCollection<PoolRecord>,
        _ collection: EntityCollection<ClaimRecord>
    ) async throws(ServiceError) -> LedgerSnapshot {
        let ids = Set(requests.map(\.id))
        let claimKeys = ids.map(ClaimRecord.key)
        let indexKeys = Set(ids.map { collection.indexKey(Shard(of: $0.uuid)) })
        let first = try await records.entries(
            claimKeys.map(\.description) + indexKeys.map(\.description) + pools.indexKeys)
        let index = try await collection.indexShards(changing: ids.map(\.uuid), in: first)
        var claims: [Stored<ClaimRecord>] = []
        for key in claimKeys {
            if let claim = try first[key] { claims.append(claim) }
        }
        let pieces = claims.flatMap(\.record.pieces)
        let isNewClaim = requests.contains { request in
            guard case .claim = request else { return false }
            return !claims.contains { $0.record.id == request.id }
        }
        // A new claim may go to any pool; without one, only the pools that are held by the claims matter.
        let poolKeys =
            isNewClaim
            ? try await pools.ids(in: first).map(pools.key) : Set(pieces.map(\.poolID)).map { pools.key($0.uuid) }
        let allocationKeys = pieces.map { AllocationRecord.key($0.id) }
        let second = try await records.entries(poolKeys.map(\.description) + allocationKeys.map(\.description))
        var poolRecords: [Stored<PoolRecord>] = []
        for key in poolKeys {
            if let pool = try second[key] { poolRecords.append(pool) }
        }
        var allocations: [Stored<AllocationRecord>] = []
        for key in allocationKeys {
            if let allocation = try second[key] { allocations.append(allocation) }
        }
        return try LedgerSnapshot(pools: poolRecords, claims: claims, allocations: allocations, index: index)
    }
}
