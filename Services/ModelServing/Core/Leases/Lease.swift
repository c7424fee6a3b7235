import Domain

/// Who reconciles the services of a shard. The times of day are for people: whether it has expired is decided by each
/// observer's own clock, from when on nothing happened to it.
public struct Lease: Hashable, Sendable {
    /// Nil once it was released.
    public let holder: Replica?
    /// How long it is good for after each renewal.
    public let duration: Duration
    public let renewedAt: Timestamp

    public init(holder: Replica?, duration: Duration, renewedAt: Timestamp) {
        self.holder = holder
        self.duration = duration
        self.renewedAt = renewedAt
    }

    public var expiresAt: Timestamp { renewedAt + duration }
}

/// A sign of life of one replica.
public struct Member: Hashable, Sendable {
    public let incarnation: String
    /// Grows with each sign.
    public let beats: Int
    /// For people.
    public let seenAt: Timestamp

    public init(incarnation: String, beats: Int, seenAt: Timestamp) {
        self.incarnation = incarnation
        self.beats = beats
        self.seenAt = seenAt
    }
}
