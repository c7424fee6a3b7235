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

/// What a claim request answers: the pieces it got, one for each resource type it asked for.
public struct ResourceClaimDocument: Hashable, Sendable, Codable {
    public struct Allocation: Hashable, Sendable, Codable {
        public let id: ResourceAllocationID
        public let resourcePoolID: ResourcePoolID
        public let resourceType: ResourceType
        public let allocatedCapacity: Int64

        public init(
            id: ResourceAllocationID, resourcePoolID: ResourcePoolID, resourceType: ResourceType,
            allocatedCapacity: Int64
        ) {
            self.id = id
            self.resourcePoolID = resourcePoolID
            self.resourceType = resourceType
            self.allocatedCapacity = allocatedCapacity
        }

        private enum CodingKeys: String, CodingKey {
            case id
            case resourcePoolID = "resource_pool_id"
            case resourceType = "resource_type"
            case allocatedCapacity = "allocated_capacity"
        }
    }

    public let id: ModelServiceInstanceID
    public let serviceID: ModelServiceID
    public let instanceID: ModelServiceInstanceID
    public let allocations: [Allocation]
    public let createdAt: Timestamp

    public init(
        id: ModelServiceInstanceID, serviceID: ModelServiceID, instanceID: ModelServiceInstanceID,
        allocations: [Allocation], createdAt: Timestamp
    ) {
        self.id = id
        self.serviceID = serviceID
        self.instanceID = instanceID
        self.allocations = allocations
        self.createdAt = createdAt
    }

    private enum CodingKeys: String, CodingKey {
        case id, allocations
        case serviceID = "service_id"
        case instanceID = "instance_id"
        case createdAt = "created_at"
    }
}
