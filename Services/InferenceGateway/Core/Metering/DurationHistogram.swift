/// How often durations fell into each range, in Prometheus' buckets.
public struct DurationHistogram: Hashable, Sendable {
    /// Upper bounds: from a health check's to a long generation's.
    public static let bounds: [Duration] =
        [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000]
        .map { Duration.milliseconds($0) }

    /// One for each bound, not cumulative; what is above the last is only in `count`.
    public private(set) var buckets = [UInt64](repeating: 0, count: bounds.count)
    public private(set) var count: UInt64 = 0
    public private(set) var sum = Duration.zero

    public init() {}

    public mutating func record(_ duration: Duration) {
        count += 1
        sum += duration
        let bounds = Self.bounds
        for index in 0..<buckets.count where duration <= bounds[index] {
            buckets[index] += 1
            return
        }
    }
}
