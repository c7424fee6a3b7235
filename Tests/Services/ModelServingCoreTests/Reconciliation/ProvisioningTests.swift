import Domain
import Testing

@testable import ModelServingCore

/// One service through its life, with nothing going wrong that the test does not ask for.
@Suite struct ProvisioningTests {
    @Test func comesUpThroughEveryPhaseAndStaysUp() async throws {
        let simulation = Simulation()
        let id = try await simulation.service()
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.status == .running)
        #expect(service.instances.map(\.phase) == [.running])
        #expect(service.revision.resolvedVersion == 7)
        let words = service.events.map(\.reason)
        #expect(
            words == [
                "Created", "InstanceResolving", "InstanceClaiming", "InstanceDeploying", "InstanceStarting",
                "InstanceRunning",
            ])
        #expect(service.conditions.allSatisfy { $0.status == .yes })
        simulation.expectNothingHeldInVain("running")
    }

    @Test func bringsUpReplicasSideBySide() async throws {
        let simulation = Simulation(stepsAtOnce: 4)
        let id = try await simulation.service(named: "wide", Simulation.configuration(replicas: 4))
        let looks = try await simulation.settle()
        #expect(try await simulation.find(id).readyReplicas == 4)
        let alone = Simulation()
        _ = try await alone.service()
        #expect(try await alone.settle() + 3 >= looks, "four replicas take about as many looks as one")
    }

    @Test func givesUpWhatNoPoolCouldHold() async throws {
        let simulation = Simulation(capacity: 500)
        let id = try await simulation.service()
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.status == .error)
        #expect(service.failure?.reason == .capacityExceeded)
        #expect(service.conditions["ResourcesClaimed"]?.reason == "CapacityExceeded")
        simulation.expectNothingHeldInVain("too large")
    }

    @Test func waitsForCapacityThenGivesUp() async throws {
        let simulation = Simulation(capacity: 1500)
        _ = try await simulation.service(named: "first")
        try await simulation.settle()
        let id = try await simulation.service(named: "second")
        let begin = simulation.chaos.now
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.failure?.reason == .insufficientCapacity)
        #expect(service.instances.first?.attempts == 10)
        #expect(simulation.chaos.now - begin > .seconds(180))
        simulation.expectNothingHeldInVain("waited in vain")
    }

    @Test func takesCapacityWhenItBecomesFree() async throws {
        let simulation = Simulation(capacity: 1500)
        let first = try await simulation.service(named: "first")
        try await simulation.settle()
        let second = try await simulation.service(named: "second")
        for _ in 0..<5 {
            await simulation.lookAround()
            simulation.chaos.advance(by: .seconds(1))
        }
        let waiting = try await simulation.find(second)
        #expect(waiting.status == .creating)
        #expect(waiting.nextRetryAt != nil)
        #expect(waiting.operatorAction?.isEmpty == false)
        _ = try await simulation.change.delete(first.description, .none)
        try await simulation.settle()
        #expect(try await simulation.find(second).status == .running)
    }

    @Test(arguments: [
        (FailureReason.digestMismatch, 1), (.commandNotFound, 1), (.neverHealthy, 1), (.exitedBeforeReady, 3),
        (.portInUse, 5), (.downloadFailed, 10),
    ])
    func givesUpAfterTheAttemptsThatTheReasonDeserves(reason: FailureReason, attempts: Int) async throws {
        let simulation = Simulation()
        simulation.runtime.behave(.failing(reason))
        let id = try await simulation.service()
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.status == .error)
        #expect(service.instances.map(\.phase) == [.error])
        #expect(service.instances.first?.attempts == attempts)
        #expect(service.failure == Failure(reason, "as told"))
        #expect(service.events.last?.reason == "InstanceError")
        #expect(service.events.contains { $0.reason == "GivenUp" && $0.message == reason.operatorAction })
        simulation.expectNothingHeldInVain("\(reason)")
    }

    @Test func triesAgainWhenToldTo() async throws {
        let simulation = Simulation()
        simulation.runtime.behave(.failing(.neverHealthy))
        let id = try await simulation.service()
        try await simulation.settle()
        simulation.runtime.behave(.healthy)
        #expect(try await simulation.settle() == 0, "what was given up stays so until someone asks")
        let before = try await simulation.find(id).instances.map(\.id)
        _ = try await simulation.change.retry(id.description)
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.status == .running)
        #expect(service.operatorAction == nil)
        #expect(service.instances.map(\.id) == before)
    }

    @Test func restartsAnEngineThatEnds() async throws {
        let simulation = Simulation()
        let id = try await simulation.service()
        try await simulation.settle()
        let instance = try #require(try await simulation.find(id).instances.first)
        simulation.chaos.advance(by: .seconds(120))
        simulation.runtime.kill(instance.id)
        await simulation.lookAround()
        #expect(try await simulation.find(id).status == .degraded)
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.status == .running)
        #expect(service.instances.first?.restarts == 1)
        simulation.expectNothingHeldInVain("restarted")
    }

    @Test func startsAtOnceWhatEndedUnwatchedAndCountsNothing() async throws {
        let simulation = Simulation()
        let id = try await simulation.service()
        try await simulation.settle()
        simulation.runtime.endUnwatched()
        await simulation.lookAround(isRecovering: true)
        let since = simulation.chaos.now
        try await simulation.settle()
        let service = try await simulation.find(id)
        let instance = try #require(service.instances.first)
        #expect(service.status == .running)
        #expect(simulation.chaos.now - since < ReconciliationPolicy().firstPause)
        #expect(instance.restarts == 0 && instance.attempts == 0 && instance.failure == nil)
        #expect(service.events.contains { $0.reason == "EndedUnwatched" })
        simulation.expectNothingHeldInVain("started again")
    }

    @Test func deletesInEveryPhaseAndFreesTheName() async throws {
        for looks in 0..<14 {
            let simulation = Simulation()
            let id = try await simulation.service()
            for _ in 0..<looks { await simulation.lookAround() }
            let phase = try await simulation.find(id).instances.first?.phase
            _ = try await simulation.change.delete(id.description, .none)
            try await simulation.settle()
            #expect(try await simulation.repository.find(id) == nil, "deleted while \(phase.map { "\($0)" } ?? "-")")
            simulation.expectNothingHeldInVain("deleted while \(phase.map { "\($0)" } ?? "-")")
            let again = try await simulation.service()
            try await simulation.settle()
            let service = try await simulation.find(again)
            #expect(service.status == .running)
            #expect(again != id && service.revision.number == 1)
        }
    }

    @Test func finishesADeletionUnderFaultsOfEveryKind() async throws {
        let simulation = Simulation()
        let id = try await simulation.service()
        try await simulation.settle()
        _ = try await simulation.change.delete(id.description, .none)
        simulation.chaos.turn(percent: 60)
        for _ in 0..<60 {
            await simulation.lookAround()
            simulation.chaos.advance(by: .seconds(1))
        }
        simulation.chaos.calmDown()
        try await simulation.settle()
        #expect(try await simulation.repository.find(id) == nil)
        simulation.expectNothingHeldInVain("deleted under faults")
    }

    @Test func keepsTheVersionThatLatestMeantAtFirst() async throws {
        let simulation = Simulation()
        let id = try await simulation.service()
        try await simulation.settle()
        var change = ConfigurationChange()
        change.replicas = 2
        _ = try await simulation.change.update(id.description, .none, change)
        try await simulation.settle()
        let service = try await simulation.find(id)
        #expect(service.revision.number == 2)
        #expect(service.revision.resolvedVersion == 7)
        #expect(service.instances.allSatisfy { $0.revision == 2 && $0.restarts == 0 })
    }
}
