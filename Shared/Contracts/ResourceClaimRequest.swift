import Domain

/// The body of `PUT /resource_claims/{claim_id}`. The claim id is the instance id.
public struct ResourceClaimRequest: Hashable, Sendable, Codable {
    public let serviceID: ModelServiceID
    public let instanceID: ModelServiceInstanceID
    /// Kubernetes quantities by lower-case name: `{"cpu": "500m", "memory": "512Mi"}`.
    public let resourceRequirements: [String: String]
    public let resourceGroup: String?
    public let location: String?

    public init(
        serviceID: ModelServiceID, instanceID: ModelServiceInstanceID, resourceRequirements: [String: String],
        resourceGroup: String? = nil, location: String? = nil
    ) {
        self.serviceID = serviceID
        self.instanceID = instanceID
        self.resourceRequirements = resourceRequirements
        self.resourceGroup = resourceGroup
        self.location = location
    }

    private enum CodingKeys: String, CodingKey {
        case location
        case serviceID = "service_id"
        case instanceID = "instance_id"
        case resourceRequirements = "resource_requirements"
        case resourceGroup = "resource_group"
    }
}
