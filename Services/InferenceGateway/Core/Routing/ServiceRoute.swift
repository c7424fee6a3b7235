import Domain

/// One model service as the gateway serves it. Immutable but for what it counts.
public final class ServiceRoute: Sendable {
    public let serviceID: ModelServiceID
    public let name: String
    /// Open to anyone who reaches the gateway.
    public let isPublic: Bool
    /// The tokens that open it.
    let tokens: [TokenDigest: TokenGrant]
    /// Among its ready instances.
    public let balancer: Balancer
    public let traffic: RouteTable.Entry.Traffic
    public let queue: ServiceQueue
    public let retries: RetryBudget

    /// - Parameter previous: the same service in the table before, whose queue and allowances go on.
    init(_ entry: RouteTable.Entry, upstreams: [Upstream], after previous: ServiceRoute?) {
        serviceID = entry.serviceID
        name = entry.name
        isPublic = entry.isPublic
        traffic = entry.traffic
        balancer = Balancer(upstreams, percents: entry.traffic.percents)
        queue =
            previous?.queue ?? ServiceQueue(service: entry.name, balancer: balancer, limits: entry.traffic.queue)
        retries = previous?.retries ?? RetryBudget()
        var former: [EndpointTokenID: TokenBudget] = [:]
        for grant in previous?.tokens.values.map({ $0 }) ?? [] { former[grant.id] = grant.budget }
        tokens = entry.tokens.mapValues { token in
            let known = former[token.id]
            return TokenGrant(
                id: token.id, expiry: token.expiry,
                budget: known?.limits == token.limits ? known : token.limits.map { TokenBudget($0) })
        }
        // Without a number it is the engines' own limits that count, once they are known.
        if traffic.concurrency != nil || previous?.traffic.concurrency != nil {
            for upstream in upstreams { upstream.restrict(to: traffic.concurrency) }
        }
    }

    /// Ready instances only; empty while none is.
    public var upstreams: [Upstream] { balancer.upstreams }

    /// Whether one more of its requests may be repeated, which then counts.
    public func mayRepeat(at now: ContinuousClock.Instant) -> Bool {
        retries.take(answered: upstreams.reduce(0) { $0 + $1.meter.snapshot.total }, at: now)
    }

    /// It is the one in force: whoever waits is served by its instances.
    func takeOver() { queue.adopt(balancer, traffic.queue) }

    /// The service is gone.
    func close() { queue.adopt(Balancer([], percents: nil), traffic.queue) }
}
