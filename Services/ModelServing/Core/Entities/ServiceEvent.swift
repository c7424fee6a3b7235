import Domain

/// Something that happened to a model service, for people who ask why.
public struct ServiceEvent: Hashable, Sendable, Codable {
    public enum Severity: String, Hashable, Sendable, Codable {
        case normal, warning
    }

    /// The first time; `lastSeenAt` is the last.
    public let time: Timestamp
    public internal(set) var lastSeenAt: Timestamp
    /// How often it happened in a row.
    public internal(set) var count: Int
    public let severity: Severity
    /// A CamelCase word for machines.
    public let reason: String
    public let message: String
    /// Nil if it concerns the whole service.
    public let instanceID: ModelServiceInstanceID?

    public init(
        _ severity: Severity, reason: String, message: String, instanceID: ModelServiceInstanceID? = nil,
        at time: Timestamp
    ) {
        self.time = time
        lastSeenAt = time
        count = 1
        self.severity = severity
        self.reason = reason
        self.message = message
        self.instanceID = instanceID
    }

    func repeats(_ other: Self) -> Bool {
        reason == other.reason && message == other.message && instanceID == other.instanceID
    }

    private enum CodingKeys: String, CodingKey {
        case time, count, severity, reason, message
        case lastSeenAt = "last_seen_at"
        case instanceID = "instance_id"
    }
}
