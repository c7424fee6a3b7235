import Domain

/// What claims and pools are supposed to do, as simple as can be: no storage, no replicas, no failures, and nothing
/// kept but who holds how much of which pool.
struct ReferenceBooks: Sendable {
    struct Pool: Sendable {
        let type: String
        var total: Int64
    }

    /// By path; a pool that was deleted is gone.
    var pools: [String: Pool] = [:]
    /// What each claim holds of each pool.
    var held: [String: [String: Int64]] = [:]

    func free(_ pool: String) -> Int64? {
        pools[pool].map { $0.total - held.values.reduce(0) { $0 + ($1[pool] ?? 0) } }
    }

    /// Whether the answer of a claim is one that the rules allow, as things are.
    func allows(_ status: Int, _ claim: String, _ wanted: [String: Int64], _ given: [String: Int64]) -> Bool {
        let fits = wanted.allSatisfy { type, amount in
            pools.contains { $0.value.type == type && (free($0.key) ?? 0) >= amount }
        }
        switch status {
        case 201:
            let types = given.map { (pools[$0.key]?.type ?? "", $0.value) }
            return held[claim] == nil && given.allSatisfy { (free($0.key) ?? -1) >= $0.value }
                && Dictionary(types) { $0 + $1 } == wanted
        case 200: return held[claim] == given
        case 409: return held[claim] == nil && !fits
        default: return false
        }
    }
}
