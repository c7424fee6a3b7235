import Domain

/// What a gateway says its instances served, with what tells a report that comes again.
public struct UsageBatch: Hashable, Sendable {
    public let gateway: String
    /// Another one whenever the gateway numbers its batches anew.
    public let incarnation: String
    public let sequence: Int64
    public let counts: [ModelServiceInstanceID: UsageCounts]

    public init(
        gateway: String, incarnation: String, sequence: Int64, counts: [ModelServiceInstanceID: UsageCounts]
    ) {
        self.gateway = gateway
        self.incarnation = incarnation
        self.sequence = sequence
        self.counts = counts
    }
}

/// Keeps what instances served, as long as the instances themselves are kept.
public protocol UsageStore: Sendable {
    /// Adds the counts, unless this batch or a later one of the same gateway and incarnation was added before. All of
    /// it happens or nothing does. Counts of instances that are gone are left out.
    ///
    /// - Returns: whether it was new.
    func apply(_ batch: UsageBatch) async throws(ServiceError) -> Bool

    /// Of the instances that have served anything.
    func counts(
        of instances: [ModelServiceInstanceID]
    ) async throws(ServiceError) -> [ModelServiceInstanceID: UsageCounts]
}
