import Domain

/// Consistent hashing with bounded load: a prompt's beginning belongs to one instance, as long as that is not much
/// busier than the average; then to the next one of the beginning's own order. An instance that comes or goes moves
/// only the beginnings that it gets or had.
enum PrefixAffinity {
    /// An instance is passed over if it has more than this part of the average, in percent.
    private static let loadBound = 125

    /// - Parameter prefix: a hash of the prompt's beginning.
    /// - Returns: nil if there is no upstream.
    static func pick(from upstreams: [Upstream], prefix: UInt64) -> Upstream? {
        let total = upstreams.reduce(1) { $0 + $1.outstanding }
        // The average with this request, times the bound, rounded up.
        let most = (total * loadBound + 100 * upstreams.count - 1) / (100 * upstreams.count)
        var best: (score: UInt64, upstream: Upstream)?
        for upstream in upstreams where upstream.outstanding < most {
            let id = upstream.meter.instanceID.uuid
            let score = mix(prefix ^ mix(id.high ^ mix(id.low)))
            if let found = best, found.score >= score { continue }
            best = (score, upstream)
        }
        return best?.upstream
    }

    /// SplitMix64's last step.
    static func mix(_ number: UInt64) -> UInt64 {
        var word = number &+ 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
