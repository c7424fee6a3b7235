/// An allowance that comes back evenly over a minute. Pure.
struct TokenBucket: Hashable, Sendable {
    let perMinute: Int
    private var level: Double
    private var updated: ContinuousClock.Instant

    init(perMinute: Int, at now: ContinuousClock.Instant) {
        self.perMinute = perMinute
        level = Double(perMinute)
        updated = now
    }

    /// What may be taken, in whole numbers; 0 also while in debt.
    func remaining(at now: ContinuousClock.Instant) -> Int { max(0, Int(level(at: now))) }

    /// Until all of it is there again.
    func untilFull(at now: ContinuousClock.Instant) -> Duration { time(for: Double(perMinute) - level(at: now)) }

    /// Until one can be taken; zero if it can be now.
    func untilOne(at now: ContinuousClock.Instant) -> Duration { time(for: 1 - level(at: now)) }

    /// What is taken beyond what is there is a debt, of at most a minute's allowance.
    mutating func take(_ count: Int, at now: ContinuousClock.Instant) {
        level = max(level(at: now) - Double(count), -Double(perMinute))
        updated = max(updated, now)
    }

    private func level(at now: ContinuousClock.Instant) -> Double {
        let passed = max(.zero, now - updated)
        return min(Double(perMinute), level + passed / .seconds(60) * Double(perMinute))
    }

    private func time(for count: Double) -> Duration {
        count <= 0 ? .zero : .seconds(count * 60 / Double(perMinute))
    }
}
