import Domain
import Testing

@testable import ModelServingCore

@Suite struct RolloutTests {
    @Test func replacesOneByOneKeepingTheWantedNumberReady() async throws {
        let simulation = Simulation(capacity: 10_000)
        let id = try await simulation.service(named: "chat", Simulation.configuration(replicas: 3))
        try await simulation.settle()
        try await update(simulation, id) { $0.modelVersion = ModelVersionSelector(8) }
        var fewest = 3
        var most = 3
        while try await !simulation.repository.unsettled().isEmpty {
            await simulation.lookAround()
            simulation.chaos.advance(by: .milliseconds(500))
            let service = try await simulation.find(id)
            fewest = min(fewest, service.readyReplicas)
            most = max(most, simulation.claims.holders.count)
        }
        #expect(fewest == 3)
        #expect(most <= 5, "one more than wanted, and one that is being taken down")
        let service = try await simulation.find(id)
        #expect(service.status == .running)
        #expect(service.instances.filter { $0.phase == .running }.map(\.revision) == [2, 2, 2])
        simulation.expectNothingHeldInVain("rolled over")
    }

    @Test func makesRoomFirstWhereOneMoreDoesNotFit() async throws {
        let simulation = Simulation(capacity: 1000)
        let id = try await simulation.service()
        try await simulation.settle()
        try await update(simulation, id) { $0.modelVersion = ModelVersionSelector(8) }
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.status == .running)
        #expect(service.instances.filter(\.isReady).map(\.revision) == [2])
        simulation.expectNothingHeldInVain("made room")
    }

    @Test func goesNoFurtherWithARevisionThatFails() async throws {
        let simulation = Simulation(capacity: 10_000)
        let id = try await simulation.service(named: "chat", Simulation.configuration(replicas: 3))
        try await simulation.settle()
        try await update(simulation, id) {
            $0.modelID = SimulatedCatalog.unknownModel
            $0.modelVersion = .latest
        }
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.readyReplicas == 3)
        #expect(service.status == .degraded)
        #expect(service.failure?.reason == .modelNotFound)
        #expect(service.instances.count { $0.phase == .error } == 1)
        simulation.expectNothingHeldInVain("halted")

        _ = try await simulation.change.rollBack(id.description, .none, to: nil)
        try await simulation.settle()
        let back = try await simulation.find(id)
        #expect(back.status == .running)
        #expect(back.revision.configuration.modelVersion == ModelVersionSelector(7), "what `latest` meant then")
        #expect(!back.instances.contains { $0.phase == .error })
    }

    @Test func scalesToNothingAndBack() async throws {
        let simulation = Simulation()
        let id = try await simulation.service(named: "chat", Simulation.configuration(replicas: 3))
        try await simulation.settle()
        try await update(simulation, id) { $0.replicas = 0 }
        try await simulation.settle()
        #expect(try await simulation.find(id).status == .stopped)
        simulation.expectNothingHeldInVain("stopped")
        try await update(simulation, id) { $0.replicas = 1 }
        try await simulation.settle()
        #expect(try await simulation.find(id).status == .running)
    }

    @Test func keepsFewStoppedInstancesAndDiscardsTheRest() async throws {
        let simulation = Simulation()
        let id = try await simulation.service()
        for version in 1...9 {
            try await update(simulation, id) { $0.modelVersion = ModelVersionSelector(version) }
            try await simulation.settle()
        }
        let service = try await simulation.find(id)
        #expect(service.instances.count { $0.phase == .stopped } == ModelService.maximumStoppedInstances)
        #expect(simulation.runtime.discardedInstances.count == 9 - ModelService.maximumStoppedInstances)
        #expect(service.revisions.count <= ModelService.maximumRevisions)
        #expect(service.revisions.dropLast().allSatisfy { $0.model == nil })
    }

    @Test func retiresWhatIsNotReadyFirst() throws {
        let now = Timestamp(millisecondsSinceEpoch: 0)
        let ids = (1...3).map { ModelServiceInstanceID(UUIDv7(high: 1, low: $0)) }
        var service = ModelService(
            id: ModelServiceID(UUIDv7(high: 2, low: 2)), name: try #require(ServiceName("chat")), ownerID: "admin",
            configuration: Simulation.configuration(replicas: 3), instanceIDs: ids, at: now)
        for index in [0, 2] {
            service.instances[index].phase = .running
            service.instances[index].url = "http://127.0.0.1:1"
        }
        var configuration = service.configuration
        configuration.replicas = 2
        try service.update(configuration, at: now)
        let rollout = Rollout(service, policy: ReconciliationPolicy())
        #expect(rollout.nextChange == .retire(ids[1], draining: false))
        configuration.replicas = 1
        try service.update(configuration, at: now)
        service.instances.remove(at: 1)
        let next = Rollout(service, policy: ReconciliationPolicy())
        #expect(next.nextChange == .retire(ids[2], draining: true), "the youngest of those that are ready")
    }

    private func update(
        _ simulation: Simulation, _ id: ModelServiceID, _ edit: (inout ConfigurationChange) -> Void
    ) async throws {
        var change = ConfigurationChange()
        edit(&change)
        _ = try await simulation.change.update(id.description, .none, change)
    }
}
