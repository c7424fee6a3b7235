/// One observed fact about a resource, in the form Kubernetes made common.
public struct Condition: Hashable, Sendable, Codable {
    public enum Status: String, Hashable, Sendable, Codable {
        case yes = "True"
        case no = "False"
        case unknown = "Unknown"
    }

    /// The fact, in CamelCase (`ModelResolved`, `Ready`).
    public let type: String
    public let status: Status
    /// A CamelCase word for machines.
    public let reason: String
    /// A sentence for people.
    public let message: String
    /// When `status` last changed (not `reason` or `message`).
    public let lastTransitionTime: Timestamp

    public init(type: String, status: Status, reason: String, message: String, lastTransitionTime: Timestamp) {
        self.type = type
        self.status = status
        self.reason = reason
        self.message = message
        self.lastTransitionTime = lastTransitionTime
    }

    private enum CodingKeys: String, CodingKey {
        case type, status, reason, message
        case lastTransitionTime = "last_transition_time"
    }
}

extension [Condition] {
    public subscript(type: String) -> Condition? { first { $0.type == type } }

    /// Sets the condition of this type; its transition time moves only when its status does.
    public mutating func set(
        _ type: String, _ status: Condition.Status, reason: String, message: String, at now: Timestamp
    ) {
        let index = firstIndex { $0.type == type }
        let since = index.map { self[$0] }.flatMap { $0.status == status ? $0.lastTransitionTime : nil } ?? now
        let condition = Condition(
            type: type, status: status, reason: reason, message: message, lastTransitionTime: since)
        if let index { self[index] = condition } else { append(condition) }
    }
}
