import Domain
import ModelServingCore
import Synchronization

/// One pool of millicores.
final class SimulatedClaims: ResourceClaims {
    private let chaos: Chaos
    private let capacity: Int64
    private let claims = Mutex<[ClaimID: ResourceClaim]>([:])

    init(chaos: Chaos, capacity: Int64) {
        self.chaos = chaos
        self.capacity = capacity
    }

    var count: Int { claims.withLock { $0.count } }

    func count(of service: ModelService) -> Int {
        claims.withLock { $0.values.count { $0.serviceID == service.id } }
    }

    var holders: Set<ModelServiceInstanceID> { claims.withLock { Set($0.keys.map(\.instanceID)) } }

    private func mayFail() throws(Failure) {
        if chaos.strikes() { throw Failure(.resourceManagementUnavailable, "ResourceManagement does not answer") }
    }

    func claim(_ claim: ResourceClaim) async throws(Failure) {
        try mayFail()
        let wanted = claim.requirements.cpuMillicores
        guard wanted <= capacity else {
            throw Failure(.capacityExceeded, "asked for \(wanted) of a pool of \(capacity)")
        }
        let isGranted = claims.withLock { claims in
            let others = claims.values.filter { $0.id != claim.id }
            guard others.reduce(wanted, { $0 + $1.requirements.cpuMillicores }) <= capacity else { return false }
            claims[claim.id] = claim
            return true
        }
        guard isGranted else { throw Failure(.insufficientCapacity, "\(wanted) millicores are not free") }
        try mayFail()
    }

    func release(_ claim: ClaimID) async throws(Failure) {
        try mayFail()
        claims.withLock { $0[claim] = nil }
        try mayFail()
    }

    func held() async throws(Failure) -> [HeldClaim] {
        try mayFail()
        return claims.withLock { claims in
            claims.values.map { HeldClaim(id: $0.id, serviceID: $0.serviceID) }
        }
    }

    func shortfall(
        _ requirements: ResourceRequirements, from pools: PoolSelector
    ) async throws(Failure) -> String? {
        requirements.cpuMillicores > capacity ? "the pool has \(capacity) millicores" : nil
    }
}
