import Domain
import Testing

@testable import ModelServingCore

/// One canary through its life.
@Suite struct CanaryTests {
    let simulation = Simulation(capacity: 20_000)

    /// A service of three replicas that serves version 7, and tries version 8.
    private func tried(percent: Int = 10) async throws -> ModelServiceID {
        let id = try await simulation.service(named: "chat", Simulation.configuration(replicas: 3))
        try await simulation.settle()
        try await update(id) {
            $0.modelVersion = ModelVersionSelector(8)
            $0.canaryPercent = percent
        }
        try await simulation.settle()
        return id
    }

    @discardableResult
    private func update(
        _ id: ModelServiceID, _ edit: (inout ConfigurationChange) -> Void
    ) async throws -> ModelService {
        var change = ConfigurationChange()
        edit(&change)
        return try await simulation.change.update(id.description, .none, change)
    }

    /// How many instances of each revision are ready.
    private func ready(_ id: ModelServiceID) async throws -> [Int: Int] {
        try await simulation.find(id).instances.filter(\.isReady).reduce(into: [:]) { $0[$1.revision, default: 0] += 1 }
    }

    private func running(_ id: ModelServiceID) async throws -> Set<ModelServiceInstanceID> {
        Set(try await simulation.find(id).instances.filter(\.isReady).map(\.id))
    }

    @Test func runsBesideTheStableRevisionAndIsSettled() async throws {
        let id = try await tried()
        #expect(try await ready(id) == [1: 3, 2: 1])
        let service = try await simulation.find(id)
        #expect(service.status == .running && service.failure == nil)
        #expect(service.conditions.allSatisfy { $0.status == .yes })
        #expect(service.trafficWeights == [1: 90, 2: 10])
        #expect(try await simulation.reconciler.look(at: id) == .onChange, "nothing is looked at again and again")
        simulation.expectNothingHeldInVain("canary")
    }

    @Test func growsWithItsPercentAndTakesOver() async throws {
        let id = try await tried()
        let stable = try await running(id)
        try await update(id) { $0.canaryPercent = 50 }
        try await simulation.settle()
        #expect(try await ready(id) == [1: 3, 3: 2])
        #expect(try await running(id).isSuperset(of: stable))
        try await update(id) { $0.canaryPercent = 10 }
        try await simulation.settle()
        #expect(try await ready(id) == [1: 3, 4: 1])
        let promoted = try await update(id) { $0.canaryPercent = 100 }
        #expect(promoted.configuration.canaryPercent == nil && promoted.status == .updating)
        var fewest = 4
        while try await !simulation.repository.unsettled().isEmpty {
            await simulation.lookAround()
            simulation.chaos.advance(by: .milliseconds(500))
            fewest = min(fewest, try await simulation.find(id).readyReplicas)
        }
        #expect(fewest == 3)
        #expect(try await ready(id) == [5: 3])
        #expect(try await simulation.find(id).trafficWeights == nil)
        simulation.expectNothingHeldInVain("promoted")
    }

    @Test func isTakenDownByARollBackThatKeepsTheStableInstances() async throws {
        let id = try await tried(percent: 50)
        let all = try await running(id)
        let back = try await simulation.change.rollBack(id.description, .none, to: nil)
        #expect(back.configuration.canaryPercent == nil)
        #expect(back.configuration.modelVersion == ModelVersionSelector(7))
        try await simulation.settle()
        #expect(try await ready(id) == [3: 3])
        #expect(try await running(id).isStrictSubset(of: all), "nothing was started for it")
        #expect(try await simulation.find(id).status == .running)
        await #expect(throws: ServiceError.self, "what was only tried is not what served before") {
            try await simulation.change.rollBack(id.description, .none, to: nil)
        }
    }

    @Test func leavesTheStableRevisionServingWhenItFails() async throws {
        let id = try await tried()
        try await update(id) {
            $0.modelID = SimulatedCatalog.unknownModel
            $0.modelVersion = .latest
            $0.canaryPercent = 90
        }
        try await simulation.settle()
        #expect(try await ready(id) == [1: 3], "the former canary gave way")
        let service = try await simulation.find(id)
        #expect(service.status == .degraded)
        #expect(service.instances.count { $0.phase == .error } >= 1)
        #expect(service.failure?.reason == .modelNotFound)
        #expect(service.operatorAction?.contains("roll the service back: revision 1 keeps serving") == true)
        #expect(service.conditions["ModelResolved"]?.reason == "ModelNotFound")
        #expect(service.events.contains { $0.reason == "CanaryFailed" && $0.severity == .warning })
        #expect(service.trafficWeights == nil)
        simulation.expectNothingHeldInVain("failed")

        _ = try await simulation.change.rollBack(id.description, .none, to: nil)
        try await simulation.settle()
        let back = try await simulation.find(id)
        #expect(back.status == .running && back.operatorAction == nil)
        #expect(!back.instances.contains { $0.phase == .error })
    }

    @Test func isTriedAgainWhenAsked() async throws {
        let id = try await simulation.service(named: "chat", Simulation.configuration(replicas: 2))
        try await simulation.settle()
        simulation.runtime.behave(.healthy)
        try await update(id) {
            $0.requirements = ResourceRequirements(cpuMillicores: 30_000)
            $0.canaryPercent = 50
        }
        try await simulation.settle()
        #expect(try await simulation.find(id).failure?.reason == .capacityExceeded)
        _ = try await simulation.change.retry(id.description)
        #expect(try await !simulation.find(id).isSettled(ReconciliationPolicy()))
        try await simulation.settle()
        #expect(try await ready(id) == [1: 2])
        #expect(try await simulation.find(id).failure?.reason == .capacityExceeded)
    }

    @Test func makesNoRoomForItself() async throws {
        let simulation = Simulation(capacity: 3000)
        let id = try await simulation.service(named: "chat", Simulation.configuration(replicas: 3))
        try await simulation.settle()
        var change = ConfigurationChange()
        change.modelVersion = ModelVersionSelector(8)
        change.canaryPercent = 10
        _ = try await simulation.change.update(id.description, .none, change)
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.readyReplicas == 3)
        #expect(service.failure?.reason == .insufficientCapacity)
        #expect(service.status == .degraded)
    }

    @Test func goesOnWithAnotherModelOrOtherNumbers() async throws {
        let id = try await tried()
        let stable = Set(try await simulation.find(id).instances.filter { $0.revision == 1 }.map(\.id))
        try await update(id) { $0.modelVersion = ModelVersionSelector(9) }
        try await simulation.settle()
        #expect(try await ready(id) == [1: 3, 3: 1])
        #expect(try await running(id).isSuperset(of: stable))
        try await update(id) { $0.replicas = 11 }
        try await simulation.settle()
        #expect(try await ready(id) == [1: 11, 4: 2])
        try await update(id) { $0.replicas = 2 }
        try await simulation.settle()
        #expect(try await ready(id) == [1: 2, 5: 1])
        try await update(id) { $0.replicas = 0 }
        try await simulation.settle()
        #expect(try await simulation.find(id).status == .stopped)
        simulation.expectNothingHeldInVain("stopped")
        let again = try await update(id) { $0.replicas = 2 }
        #expect(again.configuration.canaryPercent == nil, "nothing is left beside which it could be tried")
        try await simulation.settle()
        #expect(try await ready(id) == [7: 2])
    }

    @Test func isDeletedWithEverythingElse() async throws {
        let id = try await tried()
        _ = try await simulation.change.delete(id.description, .none)
        try await simulation.settle()
        #expect(simulation.repository.services.isEmpty && simulation.claims.holders.isEmpty)
    }

    @Test func isNoneWithoutAnythingThatServes() async throws {
        var configuration = Simulation.configuration(replicas: 2)
        configuration.canaryPercent = 10
        let id = try await simulation.service(named: "chat", configuration)
        try await simulation.settle()
        #expect(try await simulation.find(id).configuration.canaryPercent == nil)
        #expect(try await ready(id) == [1: 2])
        let same = try await update(id) { $0.canaryPercent = 10 }
        #expect(same.revision.number == 1, "what serves is not tried beside itself")
        let changed = try await update(id) {
            $0.balancing = .prefixAffinity
            $0.flowControl = FlowControl(concurrency: 4)
        }
        #expect(changed.instances.allSatisfy { $0.revision == 2 }, "no instance is replaced for that")
        #expect(changed.isSettled(ReconciliationPolicy()))
        let back = try await update(id) {
            $0.balancing = .leastOutstanding
            $0.flowControl = FlowControl()
        }
        #expect(back.configuration == Simulation.configuration(replicas: 2))
    }
}
