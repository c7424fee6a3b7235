import Domain

/// Compares what is held (capacity, engines) with the instances that run or are being started.
///
/// What disagrees at one look may just be on its way. So a finding is what disagrees at two looks in a row, and whoever
/// mends it reads the service once more.
public struct HoldingsCheck: Sendable {
    /// How long a removal is waited for.
    static let removalDeadline: Duration = .seconds(20)
    static let removalPause: Duration = .milliseconds(200)

    let repository: any ModelServiceRepository
    let claims: any ResourceClaims
    let runtimes: [any Runtime]
    let ambient: Ambient
    let wake: @Sendable (ModelServiceID) async -> Void

    public init(
        repository: any ModelServiceRepository, claims: any ResourceClaims, runtimes: [any Runtime], ambient: Ambient,
        wake: @escaping @Sendable (ModelServiceID) async -> Void
    ) {
        self.repository = repository
        self.claims = claims
        self.runtimes = runtimes
        self.ambient = ambient
        self.wake = wake
    }

    /// What disagrees at this moment, for the services of `shards`; engines of unknown instances belong to every shard.
    public func look(in shards: Set<Shard>) async throws(ServiceError) -> Set<Holding> {
        var known: [ModelServiceID: ModelService] = [:]
        for service in try await repository.find(try await atWork(in: shards)) {
            known[service.id] = service
        }
        let held = try await heldClaims().filter { shards.contains(Shard(of: $0.serviceID.uuid)) }
        let others = Set(held.map(\.serviceID)).subtracting(known.keys).sorted()
        for service in try await repository.find(others) { known[service.id] = service }

        var suspects: Set<Holding> = []
        for claim in held where known[claim.serviceID]?[instance: claim.id.instanceID]?.isOrphan(claim.id) ?? true {
            suspects.insert(.orphanClaim(claim.id))
        }
        let claimed = Set(held.map(\.id))
        for service in known.values {
            for instance in service.instances where instance.needsItsClaim {
                let isMissing = service.claims(of: instance).contains { !claimed.contains($0.id) }
                if isMissing { suspects.insert(.missingClaim(instance.id)) }
            }
        }
        suspects.formUnion(try await orphanDeployments(in: shards))
        return suspects
    }

    private func atWork(in shards: Set<Shard>) async throws(ServiceError) -> [ModelServiceID] {
        let unsettled = try await repository.unsettled(in: shards)
        return Set(unsettled).union(try await repository.serving(in: shards)).sorted()
    }

    private func heldClaims() async throws(ServiceError) -> [HeldClaim] {
        do throws(Failure) {
            return try await claims.held()
        } catch {
            throw .unavailable(code: "resource_management_unavailable", message: error.message, retryAfter: .seconds(2))
        }
    }

    private func orphanDeployments(in shards: Set<Shard>) async throws(ServiceError) -> Set<Holding> {
        var orphans: Set<Holding> = []
        for runtime in runtimes {
            for deployed in await runtime.deployed() {
                let service = try await repository.find(instance: deployed.instanceID)
                if let service, !shards.contains(Shard(of: service.id.uuid)) { continue }
                if service?[instance: deployed.instanceID]?.deploymentIsOrphan ?? true {
                    orphans.insert(.orphanDeployment(deployed.instanceID, runtime.kind))
                }
            }
        }
        return orphans
    }
}
