import Synchronization

/// What the holder of one endpoint token may ask for at one gateway. It outlives route tables.
public final class TokenBudget: Sendable {
    public struct Limits: Hashable, Sendable {
        /// The largest allowance; a double counts it exactly.
        public static let maximumPerMinute = 1_000_000_000_000

        public let requestsPerMinute: Int?
        public let tokensPerMinute: Int?

        /// Numbers out of range count as the nearest that is in it: one at least. Nil if nothing is limited.
        public init?(requestsPerMinute: Int?, tokensPerMinute: Int?) {
            guard requestsPerMinute != nil || tokensPerMinute != nil else { return nil }
            self.requestsPerMinute = requestsPerMinute.map(Self.inRange)
            self.tokensPerMinute = tokensPerMinute.map(Self.inRange)
        }

        private static func inRange(_ perMinute: Int) -> Int { min(max(1, perMinute), maximumPerMinute) }
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

    /// How everything that is limited stands.
    public struct Allowances: Hashable, Sendable {
        public let requests: Allowance?
        public let tokens: Allowance?

        init(requests: Allowance?, tokens: Allowance?) {
            self.requests = requests
            self.tokens = tokens
        }

        /// One of them.
        public init(_ allowance: Allowance) {
            requests = allowance.kind == .requests ? allowance : nil
            tokens = allowance.kind == .tokens ? allowance : nil
        }
    }

    private struct Buckets {
        var requests: TokenBucket?
        var tokens: TokenBucket?
    }

    public let limits: Limits
    private let began: ContinuousClock.Instant
    private let buckets: Mutex<Buckets>

    init(_ limits: Limits, at now: ContinuousClock.Instant = .now) {
        self.limits = limits
        began = now
        buckets = Mutex(
            Buckets(
                requests: limits.requestsPerMinute.map { TokenBucket(perMinute: $0, at: 0) },
                tokens: limits.tokensPerMinute.map { TokenBucket(perMinute: $0, at: 0) }))
    }

    /// Counts a request, if it may come. What it costs in tokens is known when it has been answered.
    /// - Throws: `.rateLimited`, and then nothing is counted.
    public func admit(at now: ContinuousClock.Instant) throws(Refusal) {
        let now = nanoseconds(at: now)
        let exhausted = buckets.withLock { buckets -> Allowance? in
            if let requests = buckets.requests, requests.level(at: now) < 1 {
                return Allowance(.requests, requests, at: now)
            }
            if let tokens = buckets.tokens, tokens.level(at: now) < 1 { return Allowance(.tokens, tokens, at: now) }
            buckets.requests?.take(1, at: now)
            return nil
        }
        if let exhausted { throw .rateLimited(exhausted) }
    }

    public func spend(tokens: Int, at now: ContinuousClock.Instant) {
        let now = nanoseconds(at: now)
        buckets.withLock { $0.tokens?.take(tokens, at: now) }
    }

    public func allowances(at now: ContinuousClock.Instant) -> Allowances {
        let now = nanoseconds(at: now)
        let buckets = buckets.withLock { $0 }
        return Allowances(
            requests: buckets.requests.map { Allowance(.requests, $0, at: now) },
            tokens: buckets.tokens.map { Allowance(.tokens, $0, at: now) })
    }

    private func nanoseconds(at now: ContinuousClock.Instant) -> Int64 {
        Int64(clamping: began.duration(to: now).attoseconds / 1_000_000_000)
    }
}

extension TokenBudget.Allowance {
    fileprivate init(_ kind: TokenBudget.Kind, _ bucket: TokenBucket, at now: Int64) {
        let level = bucket.level(at: now)
        self.init(
            kind: kind, limit: bucket.perMinute, remaining: max(0, Int(level)),
            reset: bucket.time(for: Double(bucket.perMinute) - level), retryAfter: bucket.time(for: 1 - level))
    }
}
