import Domain

/// The body of `POST /usage_reports`: a gateway tells ModelServing what instances served since its last report.
///
/// Applied once, even if it comes twice: the sequence number of the last report that was applied is kept for each
/// gateway and incarnation, and what is not newer is left out.
public struct UsageReport: Hashable, Sendable, Codable {
    /// Instances in one report.
    public static let maximumInstances = 100
    /// Characters of a gateway's id, and of an incarnation.
    public static let maximumNameLength = 128

    public struct Instance: Hashable, Sendable, Codable {
        public let id: ModelServiceInstanceID
        public let counts: UsageCounts

        public init(id: ModelServiceInstanceID, counts: UsageCounts) {
            self.id = id
            self.counts = counts
        }
    }

    public let gatewayID: String
    /// Another one whenever the gateway begins to number its reports anew.
    public let incarnation: String
    /// From 1, each greater than the one before.
    public let sequence: Int64
    public let instances: [Instance]

    public init(gatewayID: String, incarnation: String, sequence: Int64, instances: [Instance]) {
        self.gatewayID = gatewayID
        self.incarnation = incarnation
        self.sequence = sequence
        self.instances = instances
    }

    private enum CodingKeys: String, CodingKey {
        case incarnation, sequence, instances
        case gatewayID = "gateway_id"
    }
}
