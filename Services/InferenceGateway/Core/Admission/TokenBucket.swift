/// An allowance that comes back evenly over a minute. Pure; times are nanoseconds since the same moment.
struct TokenBucket: Hashable, Sendable {
    let perMinute: Int
    private var level: Double
    private var updated: Int64

    init(perMinute: Int, at now: Int64) {
        self.perMinute = perMinute
        level = Double(perMinute)
        updated = now
    }

    /// How many may be taken; below zero in debt.
    func level(at now: Int64) -> Double {
        let passed = Double(max(0, now - updated))
        return min(Double(perMinute), level + passed / 60e9 * Double(perMinute))
    }

    /// What is taken beyond what is there is a debt, of at most a minute's allowance.
    mutating func take(_ count: Int, at now: Int64) {
        level = max(level(at: now) - Double(count), -Double(perMinute))
        updated = max(updated, now)
    }

    /// How long it takes for so many to come back.
    func time(for count: Double) -> Duration {
        guard count > 0 else { return .zero }
        let nanoseconds = Int64((count * 60e9 / Double(perMinute)).rounded(.up))
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Duration(secondsComponent: seconds, attosecondsComponent: rest * 1_000_000_000)
    }
}
