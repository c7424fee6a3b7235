/// Least outstanding requests of two instances taken at random: near the best balance for the price of two look-ups,
/// and without the stampede that follows when every gateway sends to the single least busy one.
public enum PowerOfTwoChoices {
    /// - Parameter random: a number from the whole range, new for each call.
    /// - Returns: nil if there is no upstream.
    public static func pick(from upstreams: [Upstream], random: UInt64) -> Upstream? {
        guard upstreams.count > 1 else { return upstreams.first }
        let first = index(below: upstreams.count, from: random >> 32)
        var second = index(below: upstreams.count - 1, from: random & 0xFFFF_FFFF)
        if second >= first { second += 1 }
        return upstreams[second].outstanding < upstreams[first].outstanding ? upstreams[second] : upstreams[first]
    }

    /// Spreads 32 random bits evenly over the indices.
    private static func index(below count: Int, from bits: UInt64) -> Int {
        Int((bits &* UInt64(count)) >> 32)
    }
}
