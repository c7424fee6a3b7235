/// How long leases are good for, and everything that follows from it.
public struct LeaseTimes: Hashable, Sendable {
    public static let defaultDuration: Duration = .seconds(15)

    /// After so long without a renewal a lease is anybody's.
    public let duration: Duration

    public init(duration: Duration = defaultDuration) { self.duration = duration }

    /// A holder gives up so much earlier than others may take over: for what it has just begun.
    public var margin: Duration { duration / 5 }
    /// Between renewals. Two may fail before the lease is lost.
    public var renewal: Duration { duration / 3 }
    /// Between looks at the leases while something is not as it should be.
    public var pace: Duration { duration / 15 }
    /// A member of which nothing was heard for so long is dropped from the record.
    public var forgetting: Duration { duration * 2 }
}
