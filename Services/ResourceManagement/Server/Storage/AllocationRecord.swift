import Domain
import Persistence
import ResourceManagementCore

/// A piece of a pool as it is stored under `allocation:{id}`.
struct AllocationRecord: StateRecord {
    let id: ResourceAllocationID
    let poolID: ResourcePoolID
    let serviceID: ModelServiceID
    let instanceID: ModelServiceInstanceID
    let claimID: ResourceClaimID?
    let capacity: StoredInteger
    let createdAt: Timestamp

    private enum CodingKeys: String, CodingKey {
        case id, capacity
        case poolID = "resource_pool_id"
        case serviceID = "service_id"
        case instanceID = "instance_id"
        case claimID = "claim_id"
        case createdAt = "created_at"
    }

    static func key(_ id: ResourceAllocationID) -> RecordKey<Self> { RecordKey("allocation:\(id)") }
}

extension AllocationRecord {
    init(_ allocation: ResourceAllocation) {
        id = allocation.id
        poolID = allocation.poolID
        serviceID = allocation.serviceID
        instanceID = allocation.instanceID
        claimID = allocation.claimID
        capacity = StoredInteger(allocation.capacity)
        createdAt = allocation.createdAt
    }

    var allocation: ResourceAllocation {
        ResourceAllocation(
            id: id, poolID: poolID, serviceID: serviceID, instanceID: instanceID, claimID: claimID,
            capacity: capacity.value, createdAt: createdAt)
    }
}
