import Domain

/// When a cache tries again, and by which clocks.
public struct ResourceCacheTiming: Sendable {
    /// Waits between attempts grow from the shortest to the longest, each cut by up to half at random.
    public var shortestWait: Duration = .milliseconds(500)
    public var longestWait: Duration = .seconds(15)
    public let clock: any Clock<Duration>
    public let now: @Sendable () -> Timestamp
    /// From 0 up to 1.
    public let random: @Sendable () -> Double

    public init(
        clock: any Clock<Duration> = ContinuousClock(), now: @escaping @Sendable () -> Timestamp,
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.clock = clock
        self.now = now
        self.random = random
    }
}
