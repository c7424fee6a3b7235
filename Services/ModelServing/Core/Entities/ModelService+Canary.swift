/// A revision that is tried with a part of the requests, beside the one that serves the rest.
public struct Canary: Hashable, Sendable {
    /// The number of the revision that is tried: the wanted one.
    public let revision: Int
    /// 1 to 99: its part of the requests.
    public let percent: Int
    /// The number of the revision that serves the rest.
    public let stable: Int
}

extension ModelService {
    /// Nil if no revision is tried, or there is nothing left beside which it could be.
    public var canary: Canary? {
        guard let percent = configuration.canaryPercent, configuration.instanceCount > 0,
            let stable = stableRevision(besides: revision.number)
        else { return nil }
        return Canary(revision: revision.number, percent: percent, stable: stable.number)
    }

    /// How many instances each revision is to have; those that are not in it are to have none.
    ///
    /// A canary has as many of the wanted number as its percent says, rounded up, and the stable revision has all of
    /// them nevertheless: it serves alone again when the canary is taken down.
    var instancesWanted: [Int: Int] {
        let count = configuration.instanceCount
        guard let canary else { return [revision.number: count] }
        return [canary.stable: count, canary.revision: max(1, (count * canary.percent + 99) / 100)]
    }

    /// The newest revision that serves other than as a canary, and has instances meant to run.
    ///
    /// - Parameter number: of a revision that does not count.
    func stableRevision(besides number: Int?) -> Revision? {
        revisions.last {
            $0.number != number && $0.configuration.canaryPercent == nil && hasInstancesToRun(of: $0.number)
        }
    }

    func hasInstancesToRun(of revision: Int) -> Bool {
        instances.contains { $0.goal == .run && $0.revision == revision }
    }

    /// Whether the revision is tried only, or was.
    func isCanary(_ number: Int) -> Bool { revision(number)?.configuration.canaryPercent != nil }

    /// Begun as a canary, and the wanted revision is another by now.
    func isFormerCanary(_ instance: ModelServiceInstance) -> Bool {
        instance.revision != revision.number && isCanary(instance.revision)
    }

    /// The part of the requests that goes to each revision with ready instances, in percent; nil if all instances get
    /// the same. What is not the canary's is shared by the others as they have ready instances: there is more than the
    /// stable revision while that is still taking over from one before it.
    public var trafficWeights: [Int: Int]? {
        guard let canary else { return nil }
        var ready: [Int: Int] = [:]
        for instance in instances where instance.isReady { ready[instance.revision, default: 0] += 1 }
        guard ready[canary.revision] != nil, ready[canary.stable] != nil else { return nil }
        let serving = ready.filter { number, _ in !isCanary(number) }
        let total = serving.values.reduce(0, +)
        let rest = 100 - canary.percent
        var weights = ready.mapValues { _ in 0 }
        for (number, count) in serving { weights[number] = rest * count / total }
        weights[canary.revision] = canary.percent
        // What was lost by rounding down.
        weights[canary.stable, default: 0] += 100 - weights.values.reduce(0, +)
        return weights
    }
}
