import Domain
import FoundationEssentials
import Testing

@testable import ModelServingCore

@Suite struct ModelServiceTests {
    let start = Timestamp(millisecondsSinceEpoch: 1_000_000)

    @Test func countsTheGenerationWithUsersChangesOnly() throws {
        var service = try service()
        #expect(service.generation == 1)
        try service.update(Simulation.configuration(replicas: 2), at: start)
        #expect(service.generation == 2)
        try service.update(Simulation.configuration(replicas: 2), at: start)
        #expect(service.generation == 2, "wanting what is wanted is no change")
        let instance = service.instances[0]
        service.apply(
            .enter(.resolving), of: instance, nil, at: start, policy: ReconciliationPolicy(), random: 0)
        #expect(service.generation == 2)
    }

    @Test func knowsTheModelOfARevisionThatWasMadeWhileItWasLookedUp() throws {
        var service = try service()
        let policy = ReconciliationPolicy()
        service.apply(.enter(.resolving), of: service.instances[0], nil, at: start, policy: policy, random: 0)
        let asked = service.instances[0]
        try service.update(Simulation.configuration(replicas: 2), at: start)
        #expect(service.instances[0].revision == 2)
        let model = ResolvedModel(
            modelID: service.configuration.modelID, version: 1, fileURL: "file:///a", sha256: "ab")
        service.apply(.resolved(model), of: asked, at: start, policy: policy, random: 0)
        #expect(service.instances[0].phase == .claiming)
        #expect(service.revision.model == model && service.revision.resolvedVersion == 1)
    }

    @Test func refusesChangesWhileItIsBeingDeleted() throws {
        var service = try service()
        service.requestDeletion(at: start)
        #expect(service.status == .deleting)
        #expect(throws: ServiceError.self) { try service.update(Simulation.configuration(replicas: 2), at: start) }
        #expect(throws: ServiceError.self) { try service.retry(at: start) }
        #expect(throws: ServiceError.self) { try service.rollBack(to: nil, at: start) }
        let before = service
        service.requestDeletion(at: start + .seconds(5))
        #expect(service == before)
    }

    @Test func keepsTheLastEventsAndCountsRepetitions() throws {
        var service = try service()
        for _ in 0..<3 { service.record(.warning, "Same", "again", at: start + .seconds(1)) }
        #expect(service.events.count == 2)
        #expect(service.events.last?.count == 3)
        for number in 0..<200 { service.record(.normal, "Other", "\(number)", at: start) }
        #expect(service.events.count == ModelService.maximumEvents)
        #expect(service.events.last?.message == "199")
    }

    @Test func rollsBackOnlyToWhatIsKept() throws {
        var service = try service()
        #expect(throws: ServiceError.self) { try service.rollBack(to: nil, at: start) }
        #expect(throws: ServiceError.self) { try service.rollBack(to: 4, at: start) }
        for version in 1...20 {
            var configuration = service.configuration
            configuration.modelVersion = ModelVersionSelector(version)
            try service.update(configuration, at: start)
            service.instances.removeAll()
        }
        #expect(service.revisions.count == ModelService.maximumRevisions)
        #expect(service.revision.number == 21)
        try service.rollBack(to: 15, at: start)
        #expect(service.configuration.modelVersion == ModelVersionSelector(14))
        try service.rollBack(to: nil, at: start)
        #expect(service.configuration.modelVersion == ModelVersionSelector(20))
    }

    @Test func bringsBackWhatLatestMeant() throws {
        var service = try service()
        service.revisions[0].resolvedVersion = 3
        var configuration = service.configuration
        configuration.requirements = ResourceRequirements(cpuMillicores: 5)
        configuration.replicas = 4
        try service.update(configuration, at: start)
        #expect(service.revision.resolvedVersion == nil)
        try service.rollBack(to: nil, at: start)
        #expect(service.configuration.modelVersion == ModelVersionSelector(3))
        #expect(service.configuration.replicas == 4, "the number of replicas is not part of what is rolled back")
    }

    @Test func limitsItsTokens() throws {
        var service = try service()
        for number in 0..<ModelService.maximumTokens {
            try service.addToken(token(UInt64(number)), at: start)
        }
        #expect(throws: ServiceError.self) { try service.addToken(token(1000), at: start) }
        try service.revokeToken(EndpointTokenID(UUIDv7(high: 9, low: 0)), at: start)
        try service.addToken(token(1000), at: start)
        #expect(throws: ServiceError.self) {
            try service.revokeToken(EndpointTokenID(UUIDv7(high: 9, low: 0)), at: start)
        }
    }

    @Test func isWrittenInSnakeCaseAndReadBack() throws {
        var service = try service()
        try service.addToken(token(1), at: start)
        service.revisions[0].model = ResolvedModel(
            modelID: Simulation.modelID, version: 1, fileURL: "file:///a", sha256: "b", definition: "c")
        service.instances[0].failure = Failure(.portInUse, "port 8000 is taken")
        service.instances[0].handle = RuntimeHandle("{\"pid\":1}")
        let text = try JSONEncoder().encode(service)
        #expect(try JSONDecoder().decode(ModelService.self, from: text) == service)
        let keys = String(decoding: text, as: UTF8.self).split(separator: "\"").filter { $0.hasSuffix("At") }
        #expect(keys.isEmpty)
    }

    @Test func readsWhatWasWrittenBeforeThereWasFlowControl() throws {
        let text = """
            {"model_id":"\(Simulation.modelID)","model_version":"latest","runtime":"process","replicas":1,
            "requirements":{"gpu_devices":0,"cpu_millicores":0,"memory_mebibytes":0},"visibility":"private"}
            """
        let configuration = try JSONDecoder().decode(ServiceConfiguration.self, from: Data(text.utf8))
        #expect(configuration == Simulation.configuration(millicores: 0))
        let written = String(decoding: try JSONEncoder().encode(configuration), as: UTF8.self)
        for field in ["balancing", "flow_control", "canary_percent"] { #expect(!written.contains(field)) }
        let token = #"{"id":"\#(UUIDv7(high: 1, low: 1))","name":"a","sha256":"b","created_at":"\#(start)"}"#
        #expect(try JSONDecoder().decode(EndpointToken.self, from: Data(token.utf8)).requestsPerMinute == nil)
    }

    @Test(arguments: FailureReason.allCases)
    func tellsAPersonWhatToDo(reason: FailureReason) {
        #expect(reason.operatorAction.count > 30)
        #expect(reason.operatorAction.hasSuffix("."))
    }

    private func service() throws -> ModelService {
        ModelService(
            id: ModelServiceID(UUIDv7(high: 1, low: 1)), name: try #require(ServiceName("chat")), ownerID: "admin",
            configuration: Simulation.configuration(),
            instanceIDs: [ModelServiceInstanceID(UUIDv7(high: 1, low: 2))], at: start)
    }

    private func token(_ number: UInt64) -> EndpointToken {
        EndpointToken(
            id: EndpointTokenID(UUIDv7(high: 9, low: number)), name: "", sha256: "ab", createdAt: start, expiresAt: nil)
    }
}
