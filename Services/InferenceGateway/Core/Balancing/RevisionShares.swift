/// Which part of a service's requests each revision gets, among those that have ready instances.
struct RevisionShares: Sendable {
    private struct Share {
        let revision: Int
        /// The percents of this one and of those before it.
        let end: UInt64
    }

    private let shares: [Share]

    /// Nil if no ready revision has a share: then all instances get the same. Percents out of range count as the
    /// nearest that is in it.
    init?(_ percents: [Int: Int], ready: Set<Int>) {
        var shares: [Share] = []
        var end: UInt64 = 0
        for (revision, percent) in percents.sorted(by: { $0.key < $1.key })
        where percent > 0 && ready.contains(revision) {
            end += UInt64(min(percent, 100))
            shares.append(Share(revision: revision, end: end))
        }
        guard !shares.isEmpty else { return nil }
        self.shares = shares
    }

    /// - Parameter number: from the whole range.
    func revision(for number: UInt64) -> Int {
        let total = shares[shares.count - 1].end
        let point = (number >> 32 &* total) >> 32
        return shares.first { point < $0.end }?.revision ?? shares[shares.count - 1].revision
    }
}
