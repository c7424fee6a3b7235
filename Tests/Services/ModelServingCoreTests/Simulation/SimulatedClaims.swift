import Domain
import ModelServingCore
import Synchronization

/// One pool of millicores.
final class SimulatedClaims: ResourceClaims {
    private let chaos: Chaos
    private let capacity: Int64
    private let held = Mutex<[ModelServiceInstanceID: Int64]>([:])

    init(chaos: Chaos, capacity: Int64) {
        self.chaos = chaos
        self.capacity = capacity
    }

    var holders: Set<ModelServiceInstanceID> { held.withLock { Set($0.keys) } }

    private func mayFail() throws(Failure) {
        if chaos.strikes() { throw Failure(.resourceManagementUnavailable, "ResourceManagement does not answer") }
    }

    func claim(_ claim: ResourceClaim) async throws(Failure) {
        try mayFail()
        let wanted = claim.requirements.cpuMillicores
        guard wanted <= capacity else {
            throw Failure(.capacityExceeded, "asked for \(wanted) of a pool of \(capacity)")
        }
        let isGranted = held.withLock { held in
            let others = held.filter { $0.key != claim.instanceID }.values.reduce(0, +)
            guard others + wanted <= capacity else { return false }
            held[claim.instanceID] = wanted
            return true
        }
        guard isGranted else { throw Failure(.insufficientCapacity, "\(wanted) millicores are not free") }
        try mayFail()
    }

    func release(_ instance: ModelServiceInstanceID) async throws(Failure) {
        try mayFail()
        held.withLock { $0[instance] = nil }
        try mayFail()
    }

    func shortfall(
        _ requirements: ResourceRequirements, from pools: PoolSelector
    ) async throws(Failure) -> String? {
        requirements.cpuMillicores > capacity ? "the pool has \(capacity) millicores" : nil
    }
}
