/// How old the keys of an issuer may be.
public struct KeyRefreshTimes: Hashable, Sendable {
    /// Keys that were loaded longer ago are loaded again before they are used.
    public var interval: Duration
    /// Between the beginnings of two attempts at least, whatever they are for: tokens by keys that nobody knows cannot
    /// make this process ask its issuer all the time.
    public var pause: Duration
    /// How long a key is still good that is in the set no more, for tokens that were signed just before.
    public var overlap: Duration
    /// How long keys are used that cannot be loaded again.
    public var lifetime: Duration

    public static let defaultOverlap: Duration = .seconds(300)
    public static let defaultLifetime: Duration = .seconds(3600)

    public init(
        interval: Duration, pause: Duration, overlap: Duration = defaultOverlap,
        lifetime: Duration = defaultLifetime
    ) {
        self.interval = interval
        self.pause = pause
        self.overlap = overlap
        self.lifetime = lifetime
    }

    /// Looking whether a file has changed costs next to nothing.
    public static let ofFiles = KeyRefreshTimes(interval: .seconds(1), pause: .seconds(1))
    public static let ofURLs = KeyRefreshTimes(interval: .seconds(300), pause: .seconds(10))
}
