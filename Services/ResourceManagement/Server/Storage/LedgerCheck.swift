import Domain
import Persistence
import ResourceManagementCore

/// Checks the books: pools, claims, their names and index, and every piece in the three places where it is written.
///
/// An allocation which neither a pool nor a claim knows of cannot be found, since nothing lists it; it holds nothing.
struct LedgerCheck: ConsistencyCheck {
    /// Pieces of one pool that are compared at a time.
    private static let piecesPerRead = PageLimits.recordsPerRead

    private struct Piece: Hashable {
        let id: ResourceAllocationID
        let pool: ResourcePoolID
    }

    private let records: RecordStore
    private let pools: EntityCollection<PoolRecord>
    private let claims: EntityCollection<ClaimRecord>

    init(_ records: RecordStore) {
        self.records = records
        pools = PoolRecord.collection(in: records)
        claims = ClaimRecord.collection(in: records)
    }

    func check(
        _ shard: Shard, repairing: Bool, pause: () async -> Void
    ) async throws(ServiceError) -> ConsistencyReport {
        var report = ConsistencyReport()
        var details = ConsistencyReport()
        try await claims.check(shard, as: "resource_claims", repairing: repairing, into: &report, pause: pause) {
            page throws(ServiceError) in
            do throws(ServiceError) {
                try await check(page, repairing: repairing, into: &details)
            } catch {
                // The message says which; the rest of the page waits until it is mended.
                details.add(try EntityFault.unreadable(claims.indexKey(shard).description, error))
            }
        }
        try await pools.check(shard, as: "resource_pools", repairing: repairing, into: &report, pause: pause) {
            page throws(ServiceError) in
            for pool in page {
                do throws(ServiceError) {
                    try await check(pool, repairing: repairing, into: &details, pause: pause)
                } catch {
                    details.add(try EntityFault.unreadable(pool.key.description, error))
                }
            }
        }
        report.merge(details)
        return report
    }

    // MARK: From the claims

    private func check(
        _ page: [Stored<ClaimRecord>], repairing: Bool, into report: inout ConsistencyReport
    ) async throws(ServiceError) {
        let pieces = page.flatMap { claim in
            claim.record.pieces.map { (piece: Piece(id: $0.id, pool: $0.poolID), claim: claim.record.id) }
        }
        guard !pieces.isEmpty else { return }
        let allocations = try await allocations(pieces.map(\.piece.id))
        let known = try await records.read(Set(pieces.map(\.piece.pool)).map { pools.key($0.uuid) })
        var audit = LedgerAudit(try LedgerSnapshot(pools: known, claims: page, allocations: allocations).ledger)
        for (piece, claim) in pieces where audit.settle(piece.id, of: piece.pool) != nil {
            report.add(try await settle(piece, of: claim, repairing: repairing))
        }
    }

    // MARK: From the pools

    private func check(
        _ pool: Stored<PoolRecord>, repairing: Bool, into report: inout ConsistencyReport, pause: () async -> Void
    ) async throws(ServiceError) {
        let known = try pool.record.pool()
        report.count(known.held.count, "allocations")
        if LedgerAudit.isOvercommitted(known) { report.add(try await overcommitment(of: known.id)) }
        var rest = known.held.keys.sorted()[...]
        while !rest.isEmpty {
            let ids = rest.prefix(Self.piecesPerRead)
            rest = rest.dropFirst(ids.count)
            try await check(Array(ids), of: pool, repairing: repairing, into: &report)
            if !rest.isEmpty { await pause() }
        }
    }

    private func check(
        _ ids: [ResourceAllocationID], of pool: Stored<PoolRecord>, repairing: Bool,
        into report: inout ConsistencyReport
    ) async throws(ServiceError) {
        let allocations = try await allocations(ids)
        let named = Set(allocations.compactMap(\.record.claimID))
        let known = try await records.read(named.map(ClaimRecord.key))
        try await checkListing(of: known, repairing: repairing, into: &report)
        var audit = LedgerAudit(try LedgerSnapshot(pools: [pool], claims: known, allocations: allocations).ledger)
        var claimOf: [ResourceAllocationID: ResourceClaimID] = [:]
        for allocation in allocations { claimOf[allocation.record.id] = allocation.record.claimID }
        let suspects = ids.filter { audit.settle($0, of: pool.record.id) != nil }
        // Without its allocation nothing says whose the piece is, but the claim itself may know.
        let lost = Set(suspects.filter { claimOf[$0] == nil })
        if !lost.isEmpty { claimOf.merge(try await owners(of: lost)) { _, new in new } }
        for id in suspects {
            let piece = Piece(id: id, pool: pool.record.id)
            report.add(try await settle(piece, of: claimOf[id], repairing: repairing))
        }
    }

    /// Claims from before they were listed get into the index here.
    private func checkListing(
        of found: [Stored<ClaimRecord>], repairing: Bool, into report: inout ConsistencyReport
    ) async throws(ServiceError) {
        for id in try await claims.unlisted(found.map(\.record.uuid)) {
            try await claims.check(suspect: id, repairing: repairing, into: &report)
        }
    }

    /// Looks through all claims for those that know of `pieces`.
    private func owners(
        of pieces: Set<ResourceAllocationID>
    ) async throws(ServiceError) -> [ResourceAllocationID: ResourceClaimID] {
        var owners: [ResourceAllocationID: ResourceClaimID] = [:]
        var after: String?
        repeat {
            let page = try await claims.page(PageRequest(size: PageRequest.maximumSize, after: after))
            for claim in page.elements {
                for piece in claim.record.pieces where pieces.contains(piece.id) { owners[piece.id] = claim.record.id }
            }
            after = page.next
        } while after != nil
        return owners
    }

    // MARK: Second looks

    /// Whoever takes or gives back a piece writes its pool, which is therefore read first and written in any case.
    private func settle(
        _ piece: Piece, of claim: ResourceClaimID?, repairing: Bool
    ) async throws(ServiceError) -> ConsistencyFinding? {
        try await records.mend(lanes: [ClaimWriter.lane], repairing: repairing) {
            () async throws(ServiceError) -> Disagreement? in
            let pool = try await records.read(pools.key(piece.pool.uuid))
            let allocations = try await allocations([piece.id])
            let named = Set([claim, allocations.first?.record.claimID].compactMap { $0 }).map(ClaimRecord.key)
            let known = try await records.read(named)
            let before = try LedgerSnapshot(
                pools: [pool].compactMap { $0 }, claims: known, allocations: allocations)
            var audit = LedgerAudit(before.ledger)
            guard let (fault, isMended) = audit.settle(piece.id, of: piece.pool) else { return nil }
            let finding = fault.finding(piece.id, piece.pool)
            var evidence = StateTransaction()
            if let pool { try evidence.replace(pool, with: pool.record) }
            for claim in known where pool == nil { try evidence.replace(claim, with: claim.record) }
            guard isMended else { return .unrepairable(finding, evidence: evidence) }
            var writes = try before.transaction(to: audit.ledger)
            writes.add(evidence)
            return .repairable(finding, by: writes)
        }
    }

    private func overcommitment(of id: ResourcePoolID) async throws(ServiceError) -> ConsistencyFinding? {
        guard let pool = try await records.read(pools.key(id.uuid))?.record.pool(),
            LedgerAudit.isOvercommitted(pool)
        else { return nil }
        return ConsistencyFinding(
            kind: LedgerFault.poolOvercommitted.rawValue, subject: pools.key(id.uuid).description,
            message:
                "\(pool.heldCapacity) are held of \(pool.details.totalCapacity). Raise its total_capacity, or stop "
                + "some of those who hold it.")
    }

    private func allocations(_ ids: [ResourceAllocationID]) async throws(ServiceError) -> [Stored<AllocationRecord>] {
        try await records.read(Set(ids).sorted().map(AllocationRecord.key))
    }
}

extension LedgerFault {
    fileprivate func finding(_ id: ResourceAllocationID, _ pool: ResourcePoolID) -> ConsistencyFinding {
        let message =
            switch self {
            case .holdWithoutAllocation:
                "The pool \(pool) holds it for nobody, so that nobody can give it back. The pool gets it back."
            case .allocationWithoutClaim:
                "It is part of a claim that does not know of it: nobody can give it back. Its pool gets it back."
            case .claimWithoutAllocation:
                "A claim has it and it is missing or differs. It is written as the claim says."
            case .allocationWithoutHold:
                "The pool \(pool) does not hold it. It holds it again, unless it has given the capacity to others or "
                    + "is gone: then stop the instance that has it."
            case .capacityDiffers:
                "The pool \(pool) holds another amount. It holds the right one, if it has as much: else stop the "
                    + "instance that has it."
            case .poolOvercommitted: "More is held than there is."
            }
        return ConsistencyFinding(kind: rawValue, subject: "allocation:\(id)", message: message)
    }
}
