import Domain
import ModelServingCore
import Testing

struct HoldingsCheckTests {
    let simulation = Simulation()
    static let everywhere = Set(Shard.all)
    static let stranger = ModelServiceInstanceID(UUIDv7(high: 7, low: 7))

    private func look() async throws -> Set<Holding> { try await simulation.holdings.look(in: Self.everywhere) }

    private func strangersClaim() -> ResourceClaim {
        ResourceClaim(
            serviceID: ModelServiceID(UUIDv7(high: 8, low: 8)), id: ClaimID(Self.stranger),
            requirements: ResourceRequirements(cpuMillicores: 500))
    }

    /// A running service and its only instance.
    private func running() async throws -> (ModelServiceID, ModelServiceInstance) {
        let id = try await simulation.service()
        try await simulation.settle()
        return (id, try #require(try await simulation.find(id).instances.first))
    }

    @Test func findsNothingAtAnyStepOfProvisioningOrDeletion() async throws {
        let id = try await simulation.service()
        for _ in 0..<20 {
            await simulation.lookAround()
            #expect(try await look().isEmpty)
        }
        _ = try await simulation.change.delete(id.description, .none)
        for _ in 0..<20 {
            await simulation.lookAround()
            #expect(try await look().isEmpty)
            // It drains first.
            simulation.chaos.advance(by: .seconds(1))
        }
        #expect(try await simulation.repository.find(id) == nil)
    }

    @Test func releasesAClaimOfAnUnknownInstance() async throws {
        try await simulation.claims.claim(strangersClaim())
        let orphan = Holding.orphanClaim(ClaimID(Self.stranger))
        #expect(try await look() == [orphan])
        #expect(try await simulation.holdings.mend(orphan))
        #expect(simulation.claims.holders.isEmpty)
    }

    @Test func leavesWhatOtherShardsHoldToThem() async throws {
        try await simulation.claims.claim(strangersClaim())
        let shard = Shard(of: strangersClaim().serviceID.uuid)
        #expect(try await simulation.holdings.look(in: Self.everywhere.subtracting([shard])).isEmpty)
        #expect(try await simulation.holdings.look(in: [shard]).count == 1)
    }

    @Test func sendsAnInstanceThatEndedThroughReleasingAgain() async throws {
        simulation.runtime.behave(.failing(.neverHealthy))
        let id = try await simulation.service()
        try await simulation.settle()
        let instance = try #require(try await simulation.find(id).instances.first)
        #expect(instance.phase == .error)
        try await simulation.claims.claim(
            ResourceClaim(
                serviceID: id, id: ClaimID(instance.id), requirements: ResourceRequirements(cpuMillicores: 1000)))
        #expect(try await look() == [.orphanClaim(ClaimID(instance.id))])
        #expect(try await simulation.holdings.mend(.orphanClaim(ClaimID(instance.id))))
        #expect(try await simulation.find(id).instances.first?.phase == .releasing)
        try await simulation.settle()
        #expect(simulation.claims.holders.isEmpty)
        #expect(try await simulation.find(id).failure?.reason == .neverHealthy)
    }

    @Test func doesNotTakeFromARetryWhatItNeeds() async throws {
        simulation.runtime.behave(.failing(.neverHealthy))
        let id = try await simulation.service()
        try await simulation.settle()
        let instance = try #require(try await simulation.find(id).instances.first)
        simulation.runtime.behave(.healthy)
        _ = try await simulation.change.retry(id.description)
        try await simulation.settle()
        // The suspicion is from before the retry.
        _ = try await simulation.holdings.mend(.orphanClaim(ClaimID(instance.id)))
        #expect(simulation.claims.holders == [instance.id])
        #expect(try await simulation.find(id).status == .running)
    }

    @Test func claimsAgainWhatSomebodyTookFromARunningInstance() async throws {
        let (_, instance) = try await running()
        try await simulation.claims.release(ClaimID(instance.id))
        #expect(try await look() == [.missingClaim(instance.id)])
        #expect(try await simulation.holdings.mend(.missingClaim(instance.id)))
        #expect(simulation.claims.holders == [instance.id])
    }

    @Test func saysThatCapacityIsGone() async throws {
        let (_, instance) = try await running()
        try await simulation.claims.release(ClaimID(instance.id))
        try await simulation.claims.claim(
            ResourceClaim(
                serviceID: ModelServiceID(UUIDv7(high: 8, low: 8)), id: ClaimID(Self.stranger),
                requirements: ResourceRequirements(cpuMillicores: 4000)))
        #expect(try await simulation.holdings.mend(.missingClaim(instance.id)) == false)
    }

    @Test func takesDownAnEngineOfAnUnknownInstance() async throws {
        let (id, _) = try await running()
        let revision = try await simulation.find(id).revision
        let model = try #require(revision.model)
        _ = try await simulation.runtime.deploy(
            Deployment(
                serviceID: id, serviceName: try #require(ServiceName("chat")), instanceID: Self.stranger, revision: 1,
                model: model, requirements: ResourceRequirements(), replicas: 1))
        let orphan = Holding.orphanDeployment(Self.stranger, .process)
        #expect(try await look() == [orphan])
        #expect(try await simulation.holdings.mend(orphan))
        #expect(!simulation.runtime.instances.contains(Self.stranger) && simulation.runtime.instances.count == 1)
        #expect(simulation.runtime.discardedInstances.contains(Self.stranger))
    }

    @Test func leavesAnEngineThatShouldRun() async throws {
        let (_, instance) = try await running()
        #expect(try await simulation.holdings.mend(.orphanDeployment(instance.id, .process)))
        #expect(simulation.runtime.instances == [instance.id])
    }

    @Test func saysThatItCannotKnowWhileANeighbourIsAway() async throws {
        simulation.chaos.turn(percent: 100)
        await #expect(throws: ServiceError.self) { try await look() }
    }
}
