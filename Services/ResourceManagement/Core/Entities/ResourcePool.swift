import Domain

/// Capacity of one resource type in one place, and who holds how much of it.
public struct ResourcePool: Hashable, Sendable {
    public let id: ResourcePoolID
    public let type: ResourceType
    public private(set) var details: PoolDetails
    /// What each live allocation holds.
    public private(set) var held: [ResourceAllocationID: Int64]
    /// The sum of `held`.
    public private(set) var heldCapacity: Int64
    /// 1 at creation, one more with every change of the details. Allocations do not count: they come and go with the
    /// machine's work, not with a user's wish.
    public private(set) var generation: Int
    public let createdAt: Timestamp
    public private(set) var updatedAt: Timestamp

    public init(id: ResourcePoolID, type: ResourceType, details: PoolDetails, at now: Timestamp) {
        self.init(id: id, type: type, details: details, held: [:], generation: 1, createdAt: now, updatedAt: now)
    }

    /// Restores a pool as it was stored.
    public init(
        id: ResourcePoolID, type: ResourceType, details: PoolDetails, held: [ResourceAllocationID: Int64],
        generation: Int, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.type = type
        self.details = details
        self.held = held
        heldCapacity = held.values.reduce(0, +)
        self.generation = generation
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// Always the total less what is held.
    public var availableCapacity: Int64 { details.totalCapacity - heldCapacity }

    public func canHold(_ amount: Int64) -> Bool {
        availableCapacity >= amount && held.count < PoolLimits.maximumAllocations
    }

    /// - Throws: `.conflict` (`capacity_in_use`) if more is held than the new total.
    public mutating func update(_ details: PoolDetails, at now: Timestamp) throws(ServiceError) {
        guard details.totalCapacity >= heldCapacity else {
            throw .conflict(
                code: "capacity_in_use",
                message: "\(heldCapacity) of this pool are held, so that its total_capacity cannot be "
                    + "\(details.totalCapacity). Release some of it first.")
        }
        self.details = details
        generation += 1
        updatedAt = max(now, updatedAt)
    }

    /// - Precondition: `canHold(amount)`.
    mutating func hold(_ amount: Int64, as id: ResourceAllocationID) {
        precondition(canHold(amount) && amount > 0 && held[id] == nil, "a pool gives what it has, once")
        held[id] = amount
        heldCapacity += amount
    }

    /// Does nothing if the allocation is gone already.
    mutating func giveBack(_ id: ResourceAllocationID) {
        heldCapacity -= held.removeValue(forKey: id) ?? 0
    }
}

/// What a user says about a pool, all of it changeable.
public struct PoolDetails: Hashable, Sendable {
    /// No other pool has it.
    public let name: EntityName
    /// In the unit of the pool's type: devices, millicores or MiB.
    public let totalCapacity: Int64
    /// Where the capacity is: a rack, a zone, a machine.
    public let location: String?
    /// Whom it is for: a team, a class of hardware.
    public let resourceGroup: String?
    public let labels: [String: String]

    public init(
        name: EntityName, totalCapacity: Int64, location: String?, resourceGroup: String?, labels: [String: String]
    ) {
        self.name = name
        self.totalCapacity = totalCapacity
        self.location = location
        self.resourceGroup = resourceGroup
        self.labels = labels
    }
}
