/// What a service lets wait at one gateway while its instances are at work on as much as they take.
public struct QueueLimits: Hashable, Sendable {
    public static let defaultLength = 256
    public static let defaultWait: Duration = .seconds(30)

    /// Requests of all callers together.
    public let length: Int
    public let wait: Duration

    public init(length: Int = defaultLength, wait: Duration = defaultWait) {
        self.length = length
        self.wait = wait
    }
}
