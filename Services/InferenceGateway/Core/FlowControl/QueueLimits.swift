/// What a service lets wait at one gateway while its instances are at work on as much as they take.
public struct QueueLimits: Hashable, Sendable {
    public static let defaultLength = 256
    public static let defaultWait: Duration = .seconds(30)

    /// As much as any service may ask for, many times over.
    public static let maximumLength = 100_000
    public static let maximumWait: Duration = .seconds(3600)

    /// Requests of all callers together.
    public let length: Int
    public let wait: Duration

    /// Numbers out of range count as the nearest that is in it.
    public init(length: Int = defaultLength, wait: Duration = defaultWait) {
        self.length = min(max(0, length), Self.maximumLength)
        self.wait = min(max(.zero, wait), Self.maximumWait)
    }
}
