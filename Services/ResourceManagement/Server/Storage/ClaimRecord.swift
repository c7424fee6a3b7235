import Domain
import Persistence
import ResourceManagementCore

/// A claim as it is stored under `claim:{id}`.
struct ClaimRecord: StateRecord {
    struct Piece: Codable, Sendable {
        let id: ResourceAllocationID
        let poolID: ResourcePoolID
        let resourceType: ResourceType
        let capacity: StoredInteger

        private enum CodingKeys: String, CodingKey {
            case id, capacity
            case poolID = "resource_pool_id"
            case resourceType = "resource_type"
        }
    }

    let id: ResourceClaimID
    let serviceID: ModelServiceID
    let instanceID: ModelServiceInstanceID
    let requirements: ResourceRequirements
    let resourceGroup: String?
    let location: String?
    let pieces: [Piece]
    let createdAt: Timestamp

    private enum CodingKeys: String, CodingKey {
        case id, requirements, location, pieces
        case serviceID = "service_id"
        case instanceID = "instance_id"
        case resourceGroup = "resource_group"
        case createdAt = "created_at"
    }

    static func key(_ id: ResourceClaimID) -> RecordKey<Self> { RecordKey("claim:\(id)") }
}

extension ClaimRecord {
    init(_ claim: ResourceClaim) {
        id = claim.id
        serviceID = claim.request.serviceID
        instanceID = claim.request.instanceID
        requirements = claim.request.requirements
        resourceGroup = claim.request.resourceGroup
        location = claim.request.location
        pieces = claim.pieces.map {
            Piece(id: $0.id, poolID: $0.poolID, resourceType: $0.type, capacity: StoredInteger($0.capacity))
        }
        createdAt = claim.createdAt
    }

    var claim: ResourceClaim {
        ResourceClaim(
            request: ClaimRequest(
                id: id, serviceID: serviceID, instanceID: instanceID, requirements: requirements,
                resourceGroup: resourceGroup, location: location),
            pieces: pieces.map {
                ResourceClaim.Piece(id: $0.id, poolID: $0.poolID, type: $0.resourceType, capacity: $0.capacity.value)
            }, createdAt: createdAt)
    }
}
