import Domain
import Testing

@testable import ModelServingCore

@Suite struct ModelServiceUseCaseTests {
    let simulation = Simulation()

    @Test func refusesATakenNameAndARuntimeThatIsNotThere() async throws {
        _ = try await simulation.service()
        await #expect(throws: ServiceError.self) { try await simulation.service() }
        var configuration = Simulation.configuration()
        configuration.runtime = .kuberay
        do {
            _ = try await simulation.service(named: "other", configuration)
            Issue.record("kuberay was accepted")
        } catch ServiceError.invalid(let problems) {
            #expect(problems.map(\.field) == ["/runtime"])
            #expect(problems[0].message.contains("kuberay") && problems[0].message.contains("process"))
        }
    }

    @Test func answersARepeatedCreationWithTheFirstAnswer() async throws {
        let key = IdempotencyKey(digest: "a", fingerprint: "b")
        let name = try #require(ServiceName("chat"))
        let first = try await simulation.create(
            name, Simulation.configuration(replicas: 2), owner: nil, by: .all, once: key)
        let again = try await simulation.create(
            name, Simulation.configuration(replicas: 2), owner: nil, by: .all, once: key)
        #expect(first == again)
        #expect(first.instanceIDs.count == 2)
        #expect(simulation.repository.services.count == 1)
    }

    @Test func takesAnInstanceIDWhereverAServiceIDIsTaken() async throws {
        let id = try await simulation.service()
        let instance = try #require(try await simulation.find(id).instances.first)
        let find = FindModelService(repository: simulation.repository)
        #expect(try await find(instance.id.description).id == id)
        _ = try await simulation.change.delete(instance.id.description, .none)
        #expect(try await simulation.find(id).deletionRequestedAt != nil)
        for text in ["", "x", "0192-"] {
            await #expect(throws: ServiceError.invalid("id", "must be a UUID")) { try await find(text) }
        }
        let nobody = UUIDv7(high: 5, low: 5).description
        await #expect(throws: ServiceError.notFound(kind: "model_service", id: nobody)) { try await find(nobody) }
    }

    @Test func changesOnlyWhatTheCallerHasSeen() async throws {
        let id = try await simulation.service().description
        var change = ConfigurationChange()
        change.replicas = 2
        _ = try await simulation.change.update(id, .generations([1]), change)
        change.replicas = 3
        await #expect(throws: ServiceError.self) {
            try await simulation.change.update(id, .generations([1]), change)
        }
        #expect(try await simulation.change.update(id, .generations([2]), change).configuration.replicas == 3)
        change = ConfigurationChange()
        change.modelID = SimulatedCatalog.unknownModel
        await #expect(throws: ServiceError.self) { try await simulation.change.update(id, .none, change) }
    }

    @Test func findsEveryProblemBeforehand() async throws {
        _ = try await simulation.service()
        let validate = ValidateModelService(
            repository: simulation.repository, claims: simulation.claims, runtimes: [simulation.runtime])
        var configuration = Simulation.configuration(model: SimulatedCatalog.unknownModel, millicores: 9000)
        configuration.runtime = .ray
        let problems = try await validate(name: ServiceName("chat"), configuration, from: simulation.catalog)
        #expect(problems.map(\.field) == ["/name", "/runtime", "/model_id", "/resource_requirements"])
        let free = try await validate(
            name: ServiceName("free"), Simulation.configuration(), from: simulation.catalog)
        #expect(free.isEmpty)
        #expect(simulation.claims.holders.isEmpty)
    }

    @Test func issuesTokensThatAreShownOnce() async throws {
        struct Mint: TokenMint {
            func mint(_ id: EndpointTokenID, for key: IdempotencyKey?) -> (text: String, sha256: String) {
                ("secret", "digest of secret")
            }
        }
        let id = try await simulation.service().description
        let tokens = EndpointTokens(
            change: simulation.change, find: FindModelService(repository: simulation.repository), mint: Mint(),
            ambient: simulation.chaos.ambient)
        let issued = try await tokens.issue(for: id, name: "app", expiresAt: nil, once: nil)
        #expect(issued.text == "secret")
        #expect(try await tokens.list(of: id) == [issued.token])
        #expect(issued.token.sha256 == "digest of secret")
        await #expect(throws: ServiceError.self) {
            try await tokens.issue(for: id, name: "late", expiresAt: simulation.chaos.now, once: nil)
        }
        try await tokens.revoke(issued.token.id, of: id)
        #expect(try await tokens.list(of: id).isEmpty)
        await #expect(throws: ServiceError.self) { try await tokens.revoke(issued.token.id, of: id) }
    }

    @Test func readsTheLogsOfOneInstanceOrOfAll() async throws {
        let id = try await simulation.service(named: "chat", Simulation.configuration(replicas: 2))
        let logs = InstanceLogs(
            find: FindModelService(repository: simulation.repository), runtimes: [simulation.runtime])
        #expect(try await logs(id.description, lines: 10).count == 2)
        let instance = try await simulation.find(id).instances[1].id
        #expect(try await logs(instance.description, lines: 10).map(\.instanceID) == [instance])
    }
}
