import Domain
import Persistence
import ResourceManagementCore

/// A claim as it is stored under `claim:{id}`.
struct ClaimRecord: IndexedRecord {
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
    /// Absent, as in records from before there were labels and placements, if there are none.
    let labels: [String: String]?
    /// Absent for `.bestFit`.
    let placement: Placement?
    let pieces: [Piece]
    let createdAt: Timestamp

    var uuid: UUIDv7 { id.uuid }

    private enum CodingKeys: String, CodingKey {
        case id, requirements, location, labels, placement, pieces
        case serviceID = "service_id"
        case instanceID = "instance_id"
        case resourceGroup = "resource_group"
        case createdAt = "created_at"
    }

    static func collection(in records: RecordStore) -> EntityCollection<Self> {
        EntityCollection("resource_claim", prefix: "claim", in: records)
    }

    static func key(_ id: ResourceClaimID) -> RecordKey<Self> { RecordKey("claim:\(id)") }
}

extension ClaimRecord {
    init(_ claim: ResourceClaim) {
        id = claim.id
        serviceID = claim.request.serviceID
        instanceID = claim.request.instanceID
        requirements = claim.request.requirements
        resourceGroup = claim.request.pools.resourceGroup
        location = claim.request.pools.location
        labels = claim.request.pools.labels.isEmpty ? nil : claim.request.pools.labels
        placement = claim.request.placement == .bestFit ? nil : claim.request.placement
        pieces = claim.pieces.map {
            Piece(id: $0.id, poolID: $0.poolID, resourceType: $0.type, capacity: StoredInteger($0.capacity))
        }
        createdAt = claim.createdAt
    }

    var claim: ResourceClaim {
        ResourceClaim(
            request: ClaimRequest(
                id: id, serviceID: serviceID, instanceID: instanceID, requirements: requirements,
                pools: PoolSelector(resourceGroup: resourceGroup, location: location, labels: labels ?? [:]),
                placement: placement ?? .bestFit),
            pieces: pieces.map {
                ResourceClaim.Piece(id: $0.id, poolID: $0.poolID, type: $0.resourceType, capacity: $0.capacity.value)
            }, createdAt: createdAt)
    }
}
