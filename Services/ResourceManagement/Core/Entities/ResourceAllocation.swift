import Domain

/// A piece of a pool, held for an instance.
public struct ResourceAllocation: Hashable, Sendable {
    public let id: ResourceAllocationID
    public let poolID: ResourcePoolID
    public let serviceID: ModelServiceID
    public let instanceID: ModelServiceInstanceID
    /// The claim that it is part of; nil if it was made by itself.
    public let claimID: ResourceClaimID?
    /// In the unit of the pool's type.
    public let capacity: Int64
    public let createdAt: Timestamp

    public init(
        id: ResourceAllocationID, poolID: ResourcePoolID, serviceID: ModelServiceID,
        instanceID: ModelServiceInstanceID, claimID: ResourceClaimID?, capacity: Int64, createdAt: Timestamp
    ) {
        self.id = id
        self.poolID = poolID
        self.serviceID = serviceID
        self.instanceID = instanceID
        self.claimID = claimID
        self.capacity = capacity
        self.createdAt = createdAt
    }
}
