import Domain

/// The body of `PUT /resource_claims/{claim_id}`. The claim id is the instance id.
public struct ResourceClaimRequest: Hashable, Sendable, Codable {
    public let serviceID: ModelServiceID
    public let instanceID: ModelServiceInstanceID
    /// Kubernetes quantities by lower-case name: `{"cpu": "500m", "memory": "512Mi"}`.
    public let resourceRequirements: [String: String]
    public let resourceGroup: String?
    public let location: String?
    /// Only pools that have all of these; nil for any.
    public let labels: [String: String]?
    /// Nil for best fit.
    public let placement: Placement?

    public init(
        serviceID: ModelServiceID, instanceID: ModelServiceInstanceID, resourceRequirements: [String: String],
        resourceGroup: String? = nil, location: String? = nil, labels: [String: String]? = nil,
        placement: Placement? = nil
    ) {
        self.serviceID = serviceID
        self.instanceID = instanceID
        self.resourceRequirements = resourceRequirements
        self.resourceGroup = resourceGroup
        self.location = location
        self.labels = labels
        self.placement = placement
    }

    private enum CodingKeys: String, CodingKey {
        case location, labels, placement
        case serviceID = "service_id"
        case instanceID = "instance_id"
        case resourceRequirements = "resource_requirements"
        case resourceGroup = "resource_group"
    }
}
