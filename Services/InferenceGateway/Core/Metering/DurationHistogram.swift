/// How often durations fell into each range, in Prometheus' buckets.
public struct DurationHistogram: Hashable, Sendable {
    /// Upper bounds in seconds: from a health check's to a long generation's.
    public static let bounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
    ]
    private static let boundNanoseconds = bounds.map { UInt64($0 * 1_000_000_000) }

    /// One for each bound, not cumulative; what is above the last is only in `count`.
    public private(set) var buckets = [UInt64](repeating: 0, count: bounds.count)
    public private(set) var count: UInt64 = 0
    public private(set) var sumNanoseconds: UInt64 = 0

    public init() {}

    public mutating func record(nanoseconds: UInt64) {
        count += 1
        sumNanoseconds &+= nanoseconds
        for index in 0..<buckets.count where nanoseconds <= Self.boundNanoseconds[index] {
            buckets[index] += 1
            return
        }
    }
}
