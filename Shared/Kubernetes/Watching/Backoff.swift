/// How long to wait before the next attempt: longer from one to the next, and never the same for all who wait.
struct Backoff {
    let shortest: Duration
    let longest: Duration
    /// From 0 up to 1.
    let random: @Sendable () -> Double
    private var failures = 0

    init(shortest: Duration, longest: Duration, random: @escaping @Sendable () -> Double) {
        self.shortest = shortest
        self.longest = longest
        self.random = random
    }

    mutating func succeeded() { failures = 0 }

    /// From half of the wait up to the whole of it.
    mutating func next() -> Duration {
        let doubled = shortest * (1 << min(failures, 16))
        failures += 1
        return min(doubled, longest) * (0.5 + random() / 2)
    }
}
