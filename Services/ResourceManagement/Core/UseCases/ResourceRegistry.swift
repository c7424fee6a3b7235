import Domain

/// What one can do with pools and their allocations.
public struct ResourceRegistry: Sendable {
    private let repository: any ResourceRepository
    private let now: @Sendable () -> Timestamp
    private let makeID: @Sendable () -> UUIDv7

    public init(
        repository: any ResourceRepository, now: @escaping @Sendable () -> Timestamp,
        makeID: @escaping @Sendable () -> UUIDv7
    ) {
        self.repository = repository
        self.now = now
        self.makeID = makeID
    }

    // MARK: Pools

    /// - Throws: `.conflict` (`name_taken`).
    public func create(
        _ type: ResourceType, _ details: PoolDetails, once key: IdempotencyKey?
    ) async throws(ServiceError) -> ResourcePoolID {
        let pool = ResourcePool(id: ResourcePoolID(makeID()), type: type, details: details, at: now())
        return try await repository.insert(pool, once: key)
    }

    /// - Throws: `.notFound`.
    public func pool(_ id: ResourcePoolID) async throws(ServiceError) -> ResourcePool { try await repository.read(id) }

    /// In creation order; with a name, that one pool or none.
    /// - Parameter isVisible: whether the caller may get a pool.
    public func pools(
        _ page: PageRequest, named name: EntityName?, ofType type: ResourceType?,
        where isVisible: (ResourcePoolID) -> Bool
    ) async throws(ServiceError) -> Page<ResourcePool> {
        guard let name else { return try await repository.page(page, ofType: type, where: isVisible) }
        let pools = [try await repository.find(named: name)].compactMap { $0 }
        return Page(elements: pools.filter { (type == nil || $0.type == type) && isVisible($0.id) }, next: nil)
    }

    /// - Throws: `.notFound`, `.preconditionFailed`, `.conflict` (`name_taken`, `capacity_in_use`), `.unprocessable`
    ///   (`resource_type_fixed`).
    public func update(
        _ id: ResourcePoolID, _ type: ResourceType, _ details: PoolDetails, if precondition: Precondition
    ) async throws(ServiceError) -> ResourcePool {
        let now = now()
        return try await repository.update(id) { pool throws(ServiceError) in
            try precondition.check(pool.generation)
            guard pool.type == type else {
                throw .unprocessable(
                    code: "resource_type_fixed",
                    message: "The pool holds \(pool.type.rawValue), and that cannot change. Create another pool.")
            }
            try pool.update(details, at: now)
        }
    }

    /// - Throws: `.notFound`, `.preconditionFailed`, `.conflict` (`pool_in_use`).
    public func delete(_ id: ResourcePoolID, if precondition: Precondition) async throws(ServiceError) {
        try await repository.delete(id) { pool, holders throws(ServiceError) in
            try precondition.check(pool.generation)
            guard !pool.held.isEmpty else { return }
            let named = holders.map { "instance \($0.instanceID) holds \($0.capacity)" }
            let more = pool.held.count - named.count
            throw .conflict(
                code: "pool_in_use",
                message: "\(pool.heldCapacity) of this pool are held: \(named.joined(separator: ", "))"
                    + (more > 0 ? ", and \(more) more." : "."))
        }
    }

    // MARK: Allocations

    /// - Throws: `.notFound` for the pool, `.conflict` (`insufficient_capacity`).
    public func allocate(
        _ capacity: Int64, of pool: ResourcePoolID, service: ModelServiceID, instance: ModelServiceInstanceID,
        once key: IdempotencyKey?
    ) async throws(ServiceError) -> ResourceAllocationID {
        let allocation = ResourceAllocation(
            id: ResourceAllocationID(makeID()), poolID: pool, serviceID: service, instanceID: instance, claimID: nil,
            capacity: capacity, createdAt: now())
        return try await repository.allocate(allocation, once: key)
    }

    /// - Throws: `.notFound`.
    public func allocation(
        _ id: ResourceAllocationID, of pool: ResourcePoolID
    ) async throws(ServiceError) -> ResourceAllocation {
        try await repository.allocation(id, of: pool)
    }

    /// - Throws: `.notFound`.
    public func allocations(
        of pool: ResourcePoolID, _ page: PageRequest, where isVisible: (ResourceAllocationID) -> Bool
    ) async throws(ServiceError) -> Page<ResourceAllocation> {
        try await repository.allocations(of: pool, page, where: isVisible)
    }

    /// - Throws: `.notFound`, `.conflict` (`allocation_claimed`).
    public func deallocate(_ id: ResourceAllocationID, of pool: ResourcePoolID) async throws(ServiceError) {
        try await repository.deallocate(id, of: pool)
    }

    // MARK: Claims

    /// All of it or nothing; the same request again gets the same claim.
    /// - Throws: `.conflict` (`insufficient_capacity`, `claim_differs`).
    public func claim(
        _ request: ClaimRequest
    ) async throws(ServiceError) -> (claim: ResourceClaim, isNew: Bool) {
        try await repository.claim(request)
    }

    /// - Throws: `.notFound`.
    public func claim(_ id: ResourceClaimID) async throws(ServiceError) -> ResourceClaim {
        try await repository.claim(id)
    }

    /// In the order of their ids.
    public func claims(
        _ page: PageRequest, where isVisible: (ResourceClaimID) -> Bool
    ) async throws(ServiceError) -> Page<ResourceClaim> {
        try await repository.claims(page, where: isVisible)
    }

    /// Gives everything back. A claim that does not exist is released already.
    public func release(_ id: ResourceClaimID) async throws(ServiceError) { try await repository.release(id) }
}
