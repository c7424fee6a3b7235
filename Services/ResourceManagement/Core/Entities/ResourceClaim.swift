import Domain

/// Chosen by the caller; the id of the instance that the claim is for.
public typealias ResourceClaimID = ModelServiceInstanceID

/// What a claim asks for. Two requests with the same id and the same contents are one.
public struct ClaimRequest: Hashable, Sendable {
    public let id: ResourceClaimID
    public let serviceID: ModelServiceID
    public let instanceID: ModelServiceInstanceID
    public let requirements: ResourceRequirements
    public let pools: PoolSelector
    public let placement: Placement

    public init(
        id: ResourceClaimID, serviceID: ModelServiceID, instanceID: ModelServiceInstanceID,
        requirements: ResourceRequirements, pools: PoolSelector = PoolSelector(), placement: Placement = .bestFit
    ) {
        self.id = id
        self.serviceID = serviceID
        self.instanceID = instanceID
        self.requirements = requirements
        self.pools = pools
        self.placement = placement
    }
}

/// A set of allocations over several pools, taken and given back together.
public struct ResourceClaim: Hashable, Sendable {
    /// One piece of it.
    public struct Piece: Hashable, Sendable {
        public let id: ResourceAllocationID
        public let poolID: ResourcePoolID
        public let type: ResourceType
        public let capacity: Int64

        public init(id: ResourceAllocationID, poolID: ResourcePoolID, type: ResourceType, capacity: Int64) {
            self.id = id
            self.poolID = poolID
            self.type = type
            self.capacity = capacity
        }
    }

    public let request: ClaimRequest
    /// One for each resource type that was asked for.
    public let pieces: [Piece]
    public let createdAt: Timestamp

    public init(request: ClaimRequest, pieces: [Piece], createdAt: Timestamp) {
        self.request = request
        self.pieces = pieces
        self.createdAt = createdAt
    }

    public var id: ResourceClaimID { request.id }

    public var allocations: [ResourceAllocation] {
        pieces.map { piece in
            ResourceAllocation(
                id: piece.id, poolID: piece.poolID, serviceID: request.serviceID, instanceID: request.instanceID,
                claimID: id, capacity: piece.capacity, createdAt: createdAt)
        }
    }
}
