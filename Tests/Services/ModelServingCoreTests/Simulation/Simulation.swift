import Domain
import ModelServingCore
import Testing

/// A whole control plane in one process, with a clock that moves only when nothing is left to do at this moment.
struct Simulation {
    static let modelID = ModelID(UUIDv7(high: 0xA, low: 1))
    /// Looks until everything must be settled.
    static let maximumLooks = 20_000

    let chaos: Chaos
    let repository: MemoryRepository
    let claims: SimulatedClaims
    let runtime: SimulatedRuntime
    let reconciler: Reconciler
    let create: CreateModelService
    let change: ChangeModelService
    let catalog: SimulatedCatalog

    /// - Parameter stepsAtOnce: with more than one, the order of events is no longer the seed's alone.
    init(
        seed: UInt64 = 1, faultPercent: Int = 0, capacity: Int64 = 4000, stepsAtOnce: Int = 1,
        runtime kind: RuntimeKind = .process
    ) {
        var policy = ReconciliationPolicy()
        policy.stepsAtOnce = stepsAtOnce
        chaos = Chaos(seed: seed, faultPercent: faultPercent)
        repository = MemoryRepository(chaos: chaos)
        claims = SimulatedClaims(chaos: chaos, capacity: capacity)
        runtime = SimulatedRuntime(chaos: chaos, kind: kind)
        catalog = SimulatedCatalog(chaos: chaos)
        reconciler = Reconciler(
            repository: repository, catalog: catalog, claims: claims, runtimes: [runtime],
            policy: policy, ambient: chaos.ambient)
        let runtimes = AvailableRuntimes([runtime])
        create = CreateModelService(
            repository: repository, runtimes: runtimes, ambient: chaos.ambient, wake: { _ in })
        change = ChangeModelService(
            repository: repository, runtimes: runtimes, ambient: chaos.ambient, wake: { _ in })
    }

    static func configuration(
        model: ModelID = modelID, millicores: Int64 = 1000, replicas: Int = 1, runtime: RuntimeKind = .process
    ) -> ServiceConfiguration {
        ServiceConfiguration(
            modelID: model, modelVersion: .latest, requirements: ResourceRequirements(cpuMillicores: millicores),
            runtime: runtime, replicas: replicas)
    }

    func service(
        named text: String = "chat", _ configuration: ServiceConfiguration = configuration()
    ) async throws -> ModelServiceID {
        let name = try #require(ServiceName(text))
        return try await create(name, configuration, owner: nil, by: .all, once: nil).id
    }

    func find(_ id: ModelServiceID) async throws -> ModelService {
        try #require(try await repository.find(id), "no service \(id)")
    }

    /// Looks at everything that is unsettled, and lets time pass, until nothing is.
    @discardableResult
    func settle() async throws -> Int {
        for look in 0..<Self.maximumLooks {
            let ids = try await repository.unsettled()
            guard !ids.isEmpty else { return look }
            var next: Timestamp?
            for id in ids {
                switch try? await reconciler.look(at: id) {
                case .now: next = chaos.now
                case .at(let time): next = min(time, next ?? time)
                case .onChange, nil: continue
                }
            }
            chaos.advance(to: next ?? chaos.now + .seconds(1))
        }
        throw NotSettled(services: repository.services)
    }

    /// Looks at every service once, as the loop does for those whose runtime reported a change.
    func lookAround(isRecovering: Bool = false) async {
        for service in repository.services {
            _ = try? await reconciler.look(at: service.id, isRecovering: isRecovering)
        }
    }

    var holdings: HoldingsCheck {
        HoldingsCheck(
            repository: repository, claims: claims, runtimes: [runtime], ambient: chaos.ambient, wake: { _ in })
    }

    /// What must be true whenever everything is settled.
    func expectNothingHeldInVain(_ comment: Comment) {
        let running = repository.services.flatMap(\.instances).filter { $0.phase == .running }
        let claiming = repository.services.flatMap { service in
            running.filter { instance in
                service[instance: instance.id] != nil && !service.configuration.requirements.amounts.isEmpty
            }
        }
        #expect(claims.holders == Set(claiming.map(\.id)), comment)
        #expect(runtime.instances == Set(running.map(\.id)), comment)
        for service in repository.services {
            #expect([.running, .stopped, .error, .degraded].contains(service.status), comment)
            #expect(service.deletionRequestedAt == nil, comment)
            guard service.status == .error || service.status == .degraded else { continue }
            #expect(service.operatorAction != nil, comment)
        }
    }
}

struct NotSettled: Error, CustomStringConvertible {
    let services: [ModelService]

    var description: String {
        services.map { service in
            let instances = service.instances.map { "\($0.phase) \($0.goal) \($0.attempts)" }
            return "\(service.name) \(service.status): \(instances)"
        }.joined(separator: "\n")
    }
}

extension CallerRights {
    /// Of somebody who may do everything.
    static let all = CallerRights(of: "admin") { _, _ in .allowed }
}
