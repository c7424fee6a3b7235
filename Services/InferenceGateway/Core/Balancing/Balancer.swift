/// Chooses one of a service's ready instances for a request.
public struct Balancer: Sendable {
    /// What of a request has to do with the choice.
    public struct Asked: Sendable {
        /// From the whole range, new for each request.
        public var random: UInt64
        /// A hash of the prompt's beginning, for services that are balanced by it.
        public var prefix: UInt64?
        /// Instances that failed this request before.
        public var tried: [Upstream]

        public init(random: UInt64, prefix: UInt64? = nil, tried: [Upstream] = []) {
            self.random = random
            self.prefix = prefix
            self.tried = tried
        }
    }

    public enum Choice: Sendable {
        /// A place at it was taken, which `Upstream.end()` gives back.
        case taken(Upstream)
        /// Every instance that could be asked is at work on as many requests as it takes.
        case allBusy
        case nobodyLeft
    }

    public let upstreams: [Upstream]
    private let shares: RevisionShares?

    init(_ upstreams: [Upstream], percents: [Int: Int]?) {
        self.upstreams = upstreams
        shares = percents.flatMap { RevisionShares($0, ready: Set(upstreams.map(\.meter.revision))) }
    }

    public func choose(_ asked: Asked, now: () -> ContinuousClock.Instant) -> Choice {
        // Most requests of most services end here.
        if shares == nil, asked.prefix == nil, asked.tried.isEmpty,
            let upstream = PowerOfTwoChoices.pick(from: upstreams, random: asked.random), !upstream.health.isEjected,
            upstream.begin()
        {
            return .taken(upstream)
        }
        return chooseWithCare(asked, now)
    }

    private func chooseWithCare(_ asked: Asked, _ now: () -> ContinuousClock.Instant) -> Choice {
        let left = upstreams.filter { upstream in !asked.tried.contains { $0 === upstream } }
        guard !left.isEmpty else { return .nobodyLeft }
        let usable = left.filter { $0.health.isUsable(at: now) }
        // With all of them ejected, any is better than none.
        let candidates = usable.isEmpty ? left : usable
        if let wanted = wanted(asked, of: candidates), wanted.begin() { return taken(wanted, now) }
        for upstream in candidates.sorted(by: { $0.outstanding < $1.outstanding }) where upstream.begin() {
            return taken(upstream, now)
        }
        return .allBusy
    }

    private func taken(_ upstream: Upstream, _ now: () -> ContinuousClock.Instant) -> Choice {
        upstream.health.willBeAsked(at: now)
        return .taken(upstream)
    }

    private func wanted(_ asked: Asked, of candidates: [Upstream]) -> Upstream? {
        var group = candidates
        if let shares {
            // A prompt's beginning stays with its revision.
            let revision = shares.revision(
                for: asked.prefix.map(PrefixAffinity.mix) ?? PrefixAffinity.mix(asked.random))
            group = candidates.filter { $0.meter.revision == revision }
            if group.isEmpty { group = candidates }
        }
        if let prefix = asked.prefix { return PrefixAffinity.pick(from: group, prefix: prefix) }
        return PowerOfTwoChoices.pick(from: group, random: asked.random)
    }
}
