import Domain
import Persistence
import ResourceManagementCore

/// A pool as it is stored under `pool:{id}`.
struct PoolRecord: EntityRecord {
    let id: ResourcePoolID
    let name: String
    let resourceType: ResourceType
    let totalCapacity: StoredInteger
    let location: String?
    let resourceGroup: String?
    let labels: [String: String]
    /// What each live allocation holds, by its id. What is available follows from it and is not stored.
    let allocations: [String: StoredInteger]
    let generation: Int
    let createdAt: Timestamp
    let updatedAt: Timestamp

    var uuid: UUIDv7 { id.uuid }

    private enum CodingKeys: String, CodingKey {
        case id, name, location, labels, allocations, generation
        case resourceType = "resource_type"
        case totalCapacity = "total_capacity"
        case resourceGroup = "resource_group"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }
}

extension PoolRecord {
    static func collection(in records: RecordStore) -> EntityCollection<Self> {
        EntityCollection("resource_pool", prefix: "pool", in: records)
    }

    init(_ pool: ResourcePool) {
        id = pool.id
        name = pool.details.name.description
        resourceType = pool.type
        totalCapacity = StoredInteger(pool.details.totalCapacity)
        location = pool.details.location
        resourceGroup = pool.details.resourceGroup
        labels = pool.details.labels
        allocations = Dictionary(
            uniqueKeysWithValues: pool.held.map { ($0.key.description, StoredInteger($0.value)) })
        generation = pool.generation
        createdAt = pool.createdAt
        updatedAt = pool.updatedAt
    }

    /// - Throws: `.internalFault` if what is stored breaks the rules of pools.
    func pool() throws(ServiceError) -> ResourcePool {
        guard let name = EntityName(name) else {
            throw .internalFault(detail: "the record of pool \(id) holds an impossible name")
        }
        var held: [ResourceAllocationID: Int64] = [:]
        for (text, capacity) in allocations {
            guard let allocation = ResourceAllocationID(text) else {
                throw .internalFault(detail: "the record of pool \(id) holds an impossible allocation")
            }
            held[allocation] = capacity.value
        }
        return ResourcePool(
            id: id, type: resourceType,
            details: PoolDetails(
                name: name, totalCapacity: totalCapacity.value, location: location, resourceGroup: resourceGroup,
                labels: labels),
            held: held, generation: generation, createdAt: createdAt, updatedAt: updatedAt)
    }
}
