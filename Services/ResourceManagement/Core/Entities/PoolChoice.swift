import Domain

/// Chooses the pools for a claim, as its placement says.
///
/// What an instance needs should be in one place, so that a location which has all of it goes before any that would
/// be better for a part. Only if no location has everything do the pieces come from several.
struct PoolChoice {
    private struct Piece {
        let type: ResourceType
        let amount: Int64
        let pool: ResourcePool
    }

    private let request: ClaimRequest
    /// The pools that the request accepts at all, free or not.
    private let accepted: [ResourcePool]

    init(_ request: ClaimRequest, among pools: some Sequence<ResourcePool>) {
        self.request = request
        accepted = pools.filter { pool in
            request.pools.accepts(
                resourceGroup: pool.details.resourceGroup, location: pool.details.location,
                labels: pool.details.labels)
        }
    }

    /// One pool for each type that is needed.
    /// - Throws: `.conflict` (`insufficient_capacity`), which says for each type what was asked and what is free.
    func pools() throws(ServiceError) -> [(type: ResourceType, amount: Int64, pool: ResourcePoolID)] {
        let places = Dictionary(grouping: accepted) { $0.details.location ?? "" }
        let together = places.sorted { $0.key < $1.key }.compactMap { place in
            pieces(among: place.value).map { (pieces: $0, ranks: ranks(of: $0, among: place.value)) }
        }
        // The first of the best, so that the choice depends on nothing but the pools.
        let best = together.min { $0.ranks.lexicographicallyPrecedes($1.ranks) }
        guard let chosen = best?.pieces ?? pieces(among: accepted) else { throw insufficient() }
        return chosen.map { ($0.type, $0.amount, $0.pool.id) }
    }

    /// Nil if some type has no pool.
    private func pieces(among pools: [ResourcePool]) -> [Piece]? {
        var pieces: [Piece] = []
        for (type, amount) in request.requirements.amounts {
            let fitting = pools.filter { $0.type == type && $0.canHold(amount) }
            guard
                let pool = fitting.min(by: { (rank(of: [$0], amount), $0.id) < (rank(of: [$1], amount), $1.id) })
            else { return nil }
            pieces.append(Piece(type: type, amount: amount, pool: pool))
        }
        return pieces
    }

    /// How good a place is for each of the pieces that would be taken there.
    private func ranks(of pieces: [Piece], among pools: [ResourcePool]) -> [Double] {
        pieces.map { piece in
            switch request.placement {
            case .bestFit: rank(of: [piece.pool], piece.amount)
            case .spread: rank(of: pools.filter { $0.type == piece.type }, piece.amount)
            }
        }
    }

    /// Less is better. Capacities are far below where a double would round them.
    private func rank(of pools: [ResourcePool], _ amount: Int64) -> Double {
        let free = pools.reduce(0) { $0 + Double($1.availableCapacity) }
        switch request.placement {
        case .bestFit: return free - Double(amount)
        case .spread: return -free / max(1, pools.reduce(0) { $0 + Double($1.details.totalCapacity) })
        }
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
        let labels = request.pools.labels.sorted { $0.key < $1.key }.map { "label \($0.key)=\($0.value)" }
        let restrictions =
            [
                request.pools.resourceGroup.map { "resource_group \($0)" },
                request.pools.location.map { "location \($0)" },
            ].compactMap { $0 } + labels.prefix(PoolLimits.maximumNamed)
        let among = restrictions.isEmpty ? "" : " (only pools of \(restrictions.joined(separator: " and ")))"
        return .conflict(
            code: "insufficient_capacity",
            message: "There is not enough free capacity\(among): \(types.joined(separator: "; ")).")
    }
}
