/// The continuous clock, whose sleepers wait on event loops.
///
/// A `Task.sleep` that is cancelled leaves its timer behind until it is due, and the process wakes up for it: after a
/// thousand calls that were given five seconds each and took one millisecond, a thousand times. Here nothing is left.
public struct LoopClock: Clock {
    public typealias Instant = ContinuousClock.Instant

    private let group: EventLoopGroup

    /// - Parameter group: on whose loops those wait who are on none.
    public init(_ group: EventLoopGroup) { self.group = group }

    public var now: Instant { .now }

    public var minimumResolution: Duration { .milliseconds(1) }

    /// - Throws: `CancellationError`, at once.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let loop = EventLoop.current ?? group.next()
        try await loop.sleep(for: deadline - .now)
    }
}
