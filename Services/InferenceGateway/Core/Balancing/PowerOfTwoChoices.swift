/// Least outstanding requests of two instances taken at random: near the best balance for the price of two look-ups,
/// and without the stampede that follows when every gateway sends to the single least busy one.
public enum PowerOfTwoChoices {
    /// Nil if every upstream is in `tried`, or there is none.
    public static func pick(
        from upstreams: [Upstream], except tried: [Upstream] = [], using generator: inout some RandomNumberGenerator
    ) -> Upstream? {
        guard tried.isEmpty else {
            let left = upstreams.filter { upstream in !tried.contains { $0 === upstream } }
            return pick(from: left, using: &generator)
        }
        guard upstreams.count > 1 else { return upstreams.first }
        let first = Int.random(in: 0..<upstreams.count, using: &generator)
        var second = Int.random(in: 0..<upstreams.count - 1, using: &generator)
        if second >= first { second += 1 }
        return upstreams[second].outstanding < upstreams[first].outstanding ? upstreams[second] : upstreams[first]
    }
}
