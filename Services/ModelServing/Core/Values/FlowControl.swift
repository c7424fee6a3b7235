/// What a gateway sends to a service at once, and lets wait. What is nil is the gateway's to choose.
public struct FlowControl: Hashable, Sendable, Codable {
    public static let concurrencyRange = 1...10_000
    public static let queueLengthRange = 0...10_000
    public static let queueSecondsRange = 1...600

    /// Requests that one instance is sent at once.
    public var concurrency: Int?
    /// Requests of the service that wait while its instances are at work on as many as they take.
    public var queueLength: Int?
    /// How long a request waits.
    public var queueSeconds: Int?

    public init(concurrency: Int? = nil, queueLength: Int? = nil, queueSeconds: Int? = nil) {
        self.concurrency = concurrency
        self.queueLength = queueLength
        self.queueSeconds = queueSeconds
    }

    /// It says nothing.
    public var isEmpty: Bool { self == Self() }

    private enum CodingKeys: String, CodingKey {
        case concurrency
        case queueLength = "queue_length"
        case queueSeconds = "queue_seconds"
    }
}
