/// A point of the monotonic clock.
public struct LoopInstant: Comparable, Hashable, Sendable {
    public let nanoseconds: UInt64

    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    public static func + (instant: Self, duration: LoopDuration) -> Self {
        Self(nanoseconds: instant.nanoseconds &+ duration.nanoseconds)
    }

    public static let distantFuture = Self(nanoseconds: .max)
}

/// A `Duration` in the form that arithmetic for every request can afford; negative ones count as zero.
public struct LoopDuration: Comparable, Hashable, Sendable {
    /// At most 73 years, so that sums do not overflow.
    public let nanoseconds: UInt64

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    public init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let bounded = UInt64(clamping: min(seconds, 1 << 31))
        nanoseconds = bounded * 1_000_000_000 + UInt64(clamping: attoseconds / 1_000_000_000)
    }
}

/// Names a timer of one loop. Using it after it fired or was cancelled does nothing.
public struct LoopTimer: Hashable, Sendable {
    let slot: Int32
    let generation: UInt32
}

/// Something that lives on a loop and has timers there.
public protocol TimerHandler: AnyObject {
    func timerFired(_ timer: LoopTimer, on loop: isolated EventLoop)
}
