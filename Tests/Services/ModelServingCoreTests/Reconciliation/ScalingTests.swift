import Domain
import TestSupport
import Testing

@testable import ModelServingCore

/// One instance with replicas inside, as the cluster runtimes have them.
@Suite struct ScalingTests {
    static func configuration(replicas: Int) -> ServiceConfiguration {
        Simulation.configuration(replicas: replicas, runtime: .ray)
    }

    @Test func eachReplicaHasAClaimOfItsOwn() async throws {
        let simulation = Simulation(runtime: .ray)
        let id = try await simulation.service(Self.configuration(replicas: 3))
        try await come(to: 3, id, simulation)
        let service = try await simulation.find(id)
        #expect(service.instances.count == 1)
        #expect(service.status == .running)
        #expect(simulation.claims.count == 3)
        simulation.expectNothingHeldInVain("three")
    }

    @Test func goesUpAndDownInPlace() async throws {
        let simulation = Simulation(runtime: .ray)
        let id = try await simulation.service(Self.configuration(replicas: 1))
        try await come(to: 1, id, simulation)
        let instance = try await simulation.find(id).instances.map(\.id)
        for replicas in [4, 2, 3, 1] {
            try await want(replicas, id, simulation)
            try await come(to: replicas, id, simulation)
            let service = try await simulation.find(id)
            #expect(service.status == .running)
            #expect(service.instances.map(\.id) == instance, "it is the same instance")
            #expect(simulation.claims.count == replicas)
        }
        #expect(try await simulation.find(id).events.contains { $0.reason == "Scaled" })
        simulation.expectNothingHeldInVain("one again")
    }

    @Test func neverHasMoreReplicasThanClaims() async throws {
        let simulation = Simulation(runtime: .ray)
        let id = try await simulation.service(Self.configuration(replicas: 1))
        try await come(to: 1, id, simulation)
        for replicas in [4, 1] {
            try await want(replicas, id, simulation)
            while try await simulation.find(id).readyReplicas != replicas || simulation.claims.count != replicas {
                _ = try await simulation.reconciler.look(at: id)
                #expect(simulation.runtime.replicaCount <= simulation.claims.count)
                simulation.chaos.advance(by: .seconds(1))
            }
        }
    }

    @Test func goesOnAsItIsWhileThereIsNoCapacityForMore() async throws {
        let simulation = Simulation(capacity: 3000, runtime: .ray)
        let first = try await simulation.service(named: "first", Self.configuration(replicas: 2))
        let second = try await simulation.service(named: "second", Self.configuration(replicas: 1))
        try await come(to: 2, first, simulation)
        try await come(to: 1, second, simulation)
        try await want(3, first, simulation)
        for _ in 0..<20 {
            await simulation.lookAround()
            simulation.chaos.advance(by: .seconds(10))
        }
        let waiting = try await simulation.find(first)
        #expect(waiting.status == .updating)
        #expect(waiting.readyReplicas == 2)
        #expect(waiting.failure?.reason == .insufficientCapacity)
        #expect(waiting.nextRetryAt != nil)
        #expect(waiting.instances.map(\.restarts) == [0])
        #expect(simulation.claims.count == 3)
        _ = try await simulation.change.delete(second.description, .none)
        try await come(to: 3, first, simulation)
        #expect(try await simulation.find(first).failure == nil)
    }

    @Test func givesBackWhatItClaimedInPartWhereTheRestIsNotFree() async throws {
        let simulation = Simulation(capacity: 3000, runtime: .ray)
        _ = try await simulation.service(named: "first", Self.configuration(replicas: 2))
        try await simulation.settle()
        let second = try await simulation.service(named: "second", Self.configuration(replicas: 2))
        for _ in 0..<6 {
            await simulation.lookAround()
            simulation.chaos.advance(by: .seconds(1))
        }
        #expect(try await simulation.find(second).failure?.reason == .insufficientCapacity)
        #expect(simulation.claims.count == 2)
    }

    @Test(arguments: 1...25 as ClosedRange<UInt64>)
    func endsAsWantedWhateverFails(seed: UInt64) async throws {
        let simulation = Simulation(seed: seed, capacity: 8000, runtime: .ray)
        var generator = SeededGenerator(seed: seed)
        let id = try await simulation.service(Self.configuration(replicas: 2))
        simulation.chaos.turn(percent: 12)
        for _ in 0..<6 {
            let replicas = Int.random(in: 1...6, using: &generator)
            try? await want(replicas, id, simulation)
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                await simulation.lookAround()
                simulation.chaos.advance(by: .seconds(1))
            }
        }
        simulation.chaos.calmDown()
        try await want(3, id, simulation)
        _ = try? await simulation.change.retry(id.description)
        try await come(to: 3, id, simulation, mayHoldMore: true)
        // What a failed release left behind is found by the sweep.
        for finding in try await simulation.holdings.look(in: Set(Shard.all)) {
            _ = try await simulation.holdings.mend(finding)
        }
        try await come(to: 3, id, simulation)
        #expect(simulation.claims.count == 3)
        #expect(simulation.runtime.replicaCount == 3)
        _ = try await simulation.change.delete(id.description, .none)
        try await simulation.settle()
        #expect(simulation.claims.count == 0)
        #expect(simulation.runtime.instances.isEmpty)
    }

    @Test func idsOfClaimsAreTheirsAlone() throws {
        let instances = (1...50 as ClosedRange<UInt64>).map { ModelServiceInstanceID(UUIDv7(high: $0, low: $0 << 40)) }
        var seen: Set<UUIDv7> = []
        for instance in instances {
            for replica in ServiceConfiguration.replicaIndices {
                let id = ClaimID(instance, replica: replica)
                #expect(seen.insert(id.uuid).inserted)
                #expect(ClaimID(id.uuid, of: instance) == id)
                #expect(id.uuid.high == instance.uuid.high && id.uuid.low >> 62 == instance.uuid.low >> 62)
            }
        }
        #expect(ClaimID(instances[0].uuid, of: instances[0])?.replica == 0)
        #expect(ClaimID(instances[1].uuid, of: instances[0]) == nil)
    }

    private func want(_ replicas: Int, _ id: ModelServiceID, _ simulation: Simulation) async throws {
        var change = ConfigurationChange()
        change.replicas = replicas
        _ = try await simulation.change.update(id.description, .none, change, from: simulation.catalog)
    }

    /// As the loop does for services whose runtime reports changes.
    private func come(
        to replicas: Int, _ id: ModelServiceID, _ simulation: Simulation, mayHoldMore: Bool = false
    ) async throws {
        for _ in 0..<400 {
            try await simulation.settle()
            let service = try await simulation.find(id)
            if service.readyReplicas == replicas, service.status == .running, service.nextRetryAt == nil,
                mayHoldMore || simulation.claims.count(of: service) == replicas
            {
                return
            }
            await simulation.lookAround()
            simulation.chaos.advance(by: .seconds(1))
        }
        let service = try await simulation.find(id)
        Issue.record("\(service.readyReplicas) replicas, \(simulation.claims.count) claims, \(service.instances)")
    }
}
