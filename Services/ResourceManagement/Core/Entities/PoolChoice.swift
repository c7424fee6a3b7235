import Domain

/// Chooses the pools for a claim: best fit, so that large free pieces stay whole for those who need them.
///
/// What an instance needs should be in one place, so that a location which has all of it goes before any that has
/// the better fit for a part. Only if no location has everything do the pieces come from several.
struct PoolChoice {
    private struct Piece {
        let type: ResourceType
        let amount: Int64
        let pool: ResourcePool

        var leftover: Int64 { pool.availableCapacity - amount }
    }

    private let request: ClaimRequest
    /// The pools that the request accepts at all, free or not.
    private let accepted: [ResourcePool]

    init(_ request: ClaimRequest, among pools: some Sequence<ResourcePool>) {
        self.request = request
        accepted = pools.filter { pool in
            (request.resourceGroup == nil || pool.details.resourceGroup == request.resourceGroup)
                && (request.location == nil || pool.details.location == request.location)
        }
    }

    /// One pool for each type that is needed.
    /// - Throws: `.conflict` (`insufficient_capacity`), which says for each type what was asked and what is free.
    func pools() throws(ServiceError) -> [(type: ResourceType, amount: Int64, pool: ResourcePoolID)] {
        let places = Dictionary(grouping: accepted) { $0.details.location ?? "" }
        let together = places.sorted { $0.key < $1.key }.compactMap { pieces(among: $0.value) }
        // The first of the best, so that the choice depends on nothing but the pools.
        let best = together.min { left, right in
            left.map(\.leftover).lexicographicallyPrecedes(right.map(\.leftover))
        }
        guard let chosen = best ?? pieces(among: accepted) else { throw insufficient() }
        return chosen.map { ($0.type, $0.amount, $0.pool.id) }
    }

    /// Nil if some type has no pool.
    private func pieces(among pools: [ResourcePool]) -> [Piece]? {
        var pieces: [Piece] = []
        for (type, amount) in request.requirements.amounts {
            let fitting = pools.filter { $0.type == type && $0.canHold(amount) }
            guard
                let pool = fitting.min(by: { ($0.availableCapacity, $0.id) < ($1.availableCapacity, $1.id) })
            else { return nil }
            pieces.append(Piece(type: type, amount: amount, pool: pool))
        }
        return pieces
    }

    private func insufficient() -> ServiceError {
        let types = request.requirements.amounts.map { type, amount in
            let pools = accepted.filter { $0.type == type }.sorted { $0.availableCapacity > $1.availableCapacity }
            let named = pools.prefix(PoolLimits.maximumNamed).map {
                "\($0.details.name) \($0.availableCapacity) of \($0.details.totalCapacity)"
            }
            let more = pools.count > named.count ? ", and \(pools.count - named.count) more with less" : ""
            let free = pools.isEmpty ? "no pool" : "free: \(named.joined(separator: ", "))\(more)"
            return "\(type.rawValue) \(amount) asked in one piece, \(free)"
        }
        let restrictions = [
            request.resourceGroup.map { "resource_group \($0)" }, request.location.map { "location \($0)" },
        ].compactMap { $0 }
        let among = restrictions.isEmpty ? "" : " (only pools of \(restrictions.joined(separator: " and ")))"
        return .conflict(
            code: "insufficient_capacity",
            message: "There is not enough free capacity\(among): \(types.joined(separator: "; ")).")
    }
}
