import Domain

/// The times and numbers that the reconciliation goes by.
public struct ReconciliationPolicy: Hashable, Sendable {
    /// Pause after the first failure of a step; each further one doubles it.
    public var firstPause: Duration = .seconds(1)
    public var longestPause: Duration = .seconds(60)
    /// How long a replica that served goes on after it was taken out of the routes, unless the service is deleted,
    /// while no gateway tells whether it has requests left.
    public var drainTime: Duration = .seconds(2)
    /// How long gateways may take to finish their requests at it.
    public var drainDeadline: Duration = .seconds(30)
    /// How soon to look again whether they have.
    public var drainLookAfter: Duration = .milliseconds(300)
    /// Having run for so long, an engine that ends is treated like one that never failed before.
    public var stableAfter: Duration = .seconds(60)
    /// How soon to look again at what takes its time (a download, a start, an end), if nobody reports before.
    public var lookAgainAfter: Duration = .seconds(1)
    /// Instances beyond the wanted number while a new revision takes over.
    public var surge = 1
    /// Steps of one service under way at the same time.
    public var stepsAtOnce = 8

    public init() {}

    /// None without a failure; then it doubles from `firstPause` to `longestPause`, plus up to a quarter so that many
    /// do not come back at once.
    ///
    /// - Parameters:
    ///   - attempts: failures in a row so far.
    ///   - random: 64 random bits.
    public func pause(after attempts: Int, random: UInt64) -> Duration {
        guard attempts > 0 else { return .zero }
        var pause = firstPause
        for _ in 1..<min(attempts, 32) where pause < longestPause { pause = pause * 2 }
        let jitter = pause / 4 * Double(random >> 11) / Double(1 << 53 as UInt64)
        return min(pause + jitter, longestPause)
    }
}
