import Domain

/// What a user wants served, and what has become of it: the aggregate root of this service.
///
/// Users change what is wanted (`ModelService+Wanted`), the reconciliation changes what is (`ModelService+Actual`).
public struct ModelService: Hashable, Sendable, Codable {
    /// Revisions kept for a roll-back.
    public static let maximumRevisions = 10
    public static let maximumEvents = 50
    /// Stopped instances kept for people who ask about them.
    public static let maximumStoppedInstances = 5
    public static let maximumTokens = 64

    public let id: ModelServiceID
    public let name: ServiceName
    /// Whose service it is: a subject as authentication names it.
    public internal(set) var ownerID: String
    /// Counts what users changed. `If-Match` is about this, not about what the reconciliation wrote since.
    public internal(set) var generation: Int
    /// Ascending by number; never empty. The last one is wanted.
    public internal(set) var revisions: [Revision]
    public internal(set) var deletionRequestedAt: Timestamp?
    /// In the order of their creation.
    public internal(set) var instances: [ModelServiceInstance]
    public internal(set) var conditions: [Condition]
    /// The newest last.
    public internal(set) var events: [ServiceEvent]
    public internal(set) var tokens: [EndpointToken]
    public let createdAt: Timestamp
    public internal(set) var updatedAt: Timestamp

    /// A new service with the instances it begins with. A canary percent is dropped: there is nothing to try it beside.
    public init(
        id: ModelServiceID, name: ServiceName, ownerID: String, configuration: ServiceConfiguration,
        instanceIDs: [ModelServiceInstanceID], at now: Timestamp
    ) {
        self.id = id
        self.name = name
        self.ownerID = ownerID
        var configuration = configuration
        configuration.canaryPercent = nil
        generation = 1
        revisions = [Revision(number: 1, configuration: configuration, createdAt: now)]
        instances = instanceIDs.map { ModelServiceInstance(id: $0, revision: 1, at: now) }
        conditions = []
        events = []
        tokens = []
        createdAt = now
        updatedAt = now
        record(.normal, "Created", "revision 1 is wanted with \(configuration.replicas) replicas", at: now)
        refreshConditions(at: now)
    }

    /// What is wanted now.
    public var revision: Revision { revisions[revisions.count - 1] }

    public var configuration: ServiceConfiguration { revision.configuration }

    public subscript(instance id: ModelServiceInstanceID) -> ModelServiceInstance? {
        instances.first { $0.id == id }
    }

    public func revision(_ number: Int) -> Revision? { revisions.first { $0.number == number } }

    private enum CodingKeys: String, CodingKey {
        case id, name, generation, revisions, instances, conditions, events, tokens
        case ownerID = "owner_id"
        case deletionRequestedAt = "deletion_requested_at"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}

extension ModelService {
    mutating func record(
        _ severity: ServiceEvent.Severity, _ reason: String, _ message: String,
        instance: ModelServiceInstanceID? = nil, at now: Timestamp
    ) {
        let event = ServiceEvent(severity, reason: reason, message: message, instanceID: instance, at: now)
        if let last = events.last, last.repeats(event) {
            events[events.count - 1].count += 1
            events[events.count - 1].lastSeenAt = now
            return
        }
        events.append(event)
        if events.count > Self.maximumEvents { events.removeFirst(events.count - Self.maximumEvents) }
    }
}
