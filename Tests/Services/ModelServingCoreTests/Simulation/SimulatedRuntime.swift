import Domain
import ModelServingCore
import Synchronization

/// Engines that come up after some looks, and die or hang when the run's chaos strikes.
final class SimulatedRuntime: Runtime {
    enum Behaviour: Sendable {
        case healthy
        case failing(FailureReason)
    }

    private struct Engine {
        /// Looks until it is ready.
        var looks = 2
        var isDead = false
        var hasEndedUnwatched = false
        var isBeingRemoved = false
        /// Inside, and how many there are to be.
        var wanted = 1
        var present = 0

        var replicas: ReplicaCount { ReplicaCount(wanted: wanted, present: present, ready: min(present, wanted)) }

        /// One more, or one less.
        mutating func moveTowardsWanted() { present += (wanted - present).signum() }
    }

    let kind: RuntimeKind
    private let chaos: Chaos
    private let behaviour = Mutex(Behaviour.healthy)
    private let engines = Mutex<[ModelServiceInstanceID: Engine]>([:])
    private let services = Mutex<Set<ModelServiceID>>([])
    private let letGone = Mutex<Set<ModelServiceID>>([])
    private let discarded = Mutex<Set<ModelServiceInstanceID>>([])

    init(chaos: Chaos, kind: RuntimeKind = .process) {
        self.chaos = chaos
        self.kind = kind
    }

    /// Everything that runs, dead engines with what they left behind included.
    var instances: Set<ModelServiceInstanceID> { engines.withLock { Set($0.keys) } }

    /// Of all instances, those that are still going included.
    var replicaCount: Int { engines.withLock { $0.values.reduce(0) { $0 + $1.present } } }

    var discardedInstances: Set<ModelServiceInstanceID> { discarded.withLock { $0 } }

    /// The services that it was told to let go of, of those that it had anything of.
    var released: Set<ModelServiceID> { letGone.withLock { $0 } }

    func behave(_ new: Behaviour) { behaviour.withLock { $0 = new } }

    func kill(_ instance: ModelServiceInstanceID) { engines.withLock { $0[instance]?.isDead = true } }

    /// Every engine ends, and nobody is there to see how.
    func endUnwatched() {
        engines.withLock { engines in
            for id in engines.keys { engines[id]?.hasEndedUnwatched = true }
        }
    }

    private func mayFail() throws(Failure) {
        if chaos.strikes() { throw Failure(.runtimeUnreachable, "the runtime does not answer") }
    }

    func probe() async -> RuntimeProbe { .available }

    func problems(with model: ResolvedModel, _ configuration: ServiceConfiguration) -> [FieldProblem] { [] }

    func deploy(_ deployment: Deployment) async throws(Failure) -> RuntimeHandle {
        try mayFail()
        services.withLock { _ = $0.insert(deployment.serviceID) }
        engines.withLock { engines in
            if engines[deployment.instanceID] == nil { engines[deployment.instanceID] = Engine() }
            engines[deployment.instanceID]?.wanted = deployment.replicas
        }
        try mayFail()
        return RuntimeHandle("engine of \(deployment.instanceID)")
    }

    func observe(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation {
        try mayFail()
        let dies = chaos.strikes()
        let engine = engines.withLock { engines -> Engine? in
            if dies { engines[deployment.instanceID]?.isDead = true }
            if let looks = engines[deployment.instanceID]?.looks, looks > 0 {
                engines[deployment.instanceID]?.looks = looks - 1
            } else {
                engines[deployment.instanceID]?.moveTowardsWanted()
            }
            return engines[deployment.instanceID]
        }
        guard let engine else { return Observation(.absent, handle: handle) }
        if engine.isDead { return Observation(.failed(Failure(.exited, "exit status 1")), handle: handle) }
        if case .failing(let reason) = behaviour.withLock({ $0 }) {
            return Observation(.failed(Failure(reason, "as told")), handle: handle)
        }
        switch engine.looks {
        case 1...: return Observation(.starting, handle: handle)
        default:
            return Observation(
                .ready, handle: handle, url: "http://127.0.0.1:4000", node: "here",
                replicas: kind.keepsReplicasInside ? engine.replicas : nil)
        }
    }

    func recover(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation {
        if engines.withLock({ $0[deployment.instanceID]?.hasEndedUnwatched }) == true {
            engines.withLock { $0[deployment.instanceID]?.isDead = true }
            return Observation(.failed(Failure(.endedUnwatched, "nobody saw how")), handle: handle)
        }
        return try await observe(deployment, handle)
    }

    func letGo(of isTheirs: @Sendable (ModelServiceID) -> Bool) async {
        let theirs = services.withLock { $0.filter(isTheirs) }
        letGone.withLock { $0.formUnion(theirs) }
    }

    func deployed() async -> [DeployedInstance] {
        instances.sorted().map { DeployedInstance(instanceID: $0, since: chaos.now) }
    }

    func scale(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) {
        try mayFail()
        engines.withLock { $0[deployment.instanceID]?.wanted = deployment.replicas }
        try mayFail()
    }

    func remove(_ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?) async throws(Failure) -> Removal {
        try mayFail()
        return engines.withLock { engines in
            guard let engine = engines[instance] else { return .gone }
            guard engine.isBeingRemoved || engine.isDead else {
                engines[instance]?.isBeingRemoved = true
                return .inProgress
            }
            engines[instance] = nil
            return .gone
        }
    }

    func logs(_ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, lines: Int) async throws(Failure)
        -> [String]
    { ["a line of \(instance)"] }

    func discard(_ instance: ModelServiceInstanceID) async { discarded.withLock { _ = $0.insert(instance) } }

    func changes() -> AsyncStream<ModelServiceID> { AsyncStream { $0.finish() } }
}
