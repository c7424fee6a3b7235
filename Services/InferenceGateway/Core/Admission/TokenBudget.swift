import Synchronization

/// What the holder of one endpoint token may ask for at one gateway. It outlives route tables.
public final class TokenBudget: Sendable {
    public struct Limits: Hashable, Sendable {
        public let requestsPerMinute: Int?
        public let tokensPerMinute: Int?

        /// Nil if nothing is limited.
        public init?(requestsPerMinute: Int?, tokensPerMinute: Int?) {
            guard requestsPerMinute != nil || tokensPerMinute != nil else { return nil }
            self.requestsPerMinute = requestsPerMinute
            self.tokensPerMinute = tokensPerMinute
        }
    }

    public enum Kind: String, Hashable, Sendable {
        case requests, tokens
    }

    /// How one allowance stands.
    public struct Allowance: Hashable, Sendable {
        public let kind: Kind
        public let limit: Int
        public let remaining: Int
        /// Until all of it is there again.
        public let reset: Duration
        /// Until the next request may come; zero if it may now.
        public let retryAfter: Duration
    }

    private struct Buckets {
        var requests: TokenBucket?
        var tokens: TokenBucket?
    }

    public let limits: Limits
    private let buckets: Mutex<Buckets>

    init(_ limits: Limits, at now: ContinuousClock.Instant = .now) {
        self.limits = limits
        buckets = Mutex(
            Buckets(
                requests: limits.requestsPerMinute.map { TokenBucket(perMinute: $0, at: now) },
                tokens: limits.tokensPerMinute.map { TokenBucket(perMinute: $0, at: now) }))
    }

    /// Counts a request, if it may come. What it costs in tokens is known when it has been answered.
    /// - Throws: `.rateLimited`, and then nothing is counted.
    public func admit(at now: ContinuousClock.Instant) throws(Refusal) {
        let exhausted = buckets.withLock { buckets -> Allowance? in
            let used = Self.allowances(buckets, now).first { $0.retryAfter > .zero }
            if used == nil { buckets.requests?.take(1, at: now) }
            return used
        }
        if let exhausted { throw .rateLimited(exhausted) }
    }

    public func spend(tokens: Int, at now: ContinuousClock.Instant) {
        buckets.withLock { $0.tokens?.take(tokens, at: now) }
    }

    public func allowances(at now: ContinuousClock.Instant) -> [Allowance] {
        buckets.withLock { Self.allowances($0, now) }
    }

    private static func allowances(_ buckets: Buckets, _ now: ContinuousClock.Instant) -> [Allowance] {
        [(Kind.requests, buckets.requests), (.tokens, buckets.tokens)].compactMap { kind, bucket in
            bucket.map {
                Allowance(
                    kind: kind, limit: $0.perMinute, remaining: $0.remaining(at: now), reset: $0.untilFull(at: now),
                    retryAfter: $0.untilOne(at: now))
            }
        }
    }
}
