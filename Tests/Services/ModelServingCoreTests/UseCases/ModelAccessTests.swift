import Domain
import Testing

@testable import ModelServingCore

/// Nobody gets a model served that is not theirs to read.
@Suite struct ModelAccessTests {
    /// Knows one model, and only by the credentials of one caller.
    struct Models: ModelCatalog {
        let reason: FailureReason?

        func resolve(_ model: ModelID, _ version: ModelVersionSelector) async throws(Failure) -> ResolvedModel {
            if let reason { throw Failure(reason, "the words of ModelManagement") }
            return try await EveryModel().resolve(model, version)
        }
    }

    let simulation = Simulation()

    private func creation(_ reason: FailureReason?) async -> ServiceError? {
        guard let name = ServiceName("chat") else { return nil }
        do throws(ServiceError) {
            _ = try await simulation.create(
                name, Simulation.configuration(), owner: nil, by: .all, from: Models(reason: reason), once: nil)
            return nil
        } catch {
            return error
        }
    }

    @Test func whatMayNotBeReadIsAsIfItWereNotThere() async throws {
        let absent = try #require(await creation(.modelNotFound))
        #expect(absent == (await creation(.modelNotReadable)))
        guard case .unprocessable("model_not_found", let words) = absent else {
            Issue.record("\(absent)")
            return
        }
        #expect(!words.contains("ModelManagement"))
        #expect(simulation.repository.services.isEmpty)
        #expect(await creation(nil) == nil)
    }

    @Test func nothingIsServedWhileNobodyCanSay() async throws {
        guard case .unavailable = await creation(.modelCatalogUnavailable) else {
            Issue.record("it was created")
            return
        }
        #expect(simulation.repository.services.isEmpty)
    }

    @Test func aDryRunTellsNoMore() async throws {
        let validate = ValidateModelService(
            repository: simulation.repository, claims: simulation.claims, runtimes: [simulation.runtime])
        let configuration = Simulation.configuration()
        let absent = try await validate(name: nil, configuration, from: Models(reason: .modelNotFound))
        #expect(absent.map(\.field) == ["/model_id"])
        #expect(try await validate(name: nil, configuration, from: Models(reason: .modelNotReadable)) == absent)
    }

    @Test func anUpdateAsksOnlyForWhatIsNew() async throws {
        let id = try await simulation.service().description
        var change = ConfigurationChange()
        change.replicas = 2
        change.modelID = Simulation.configuration().modelID
        change.modelVersion = Simulation.configuration().modelVersion
        let unreadable = Models(reason: .modelNotReadable)
        #expect(try await simulation.change.update(id, .none, change, from: unreadable).configuration.replicas == 2)
        change.modelVersion = ModelVersionSelector("9")
        await #expect(throws: ServiceError.self) {
            try await simulation.change.update(id, .none, change, from: unreadable)
        }
        change.modelID = nil
        change.modelVersion = ModelVersionSelector("8")
        await #expect(throws: ServiceError.self) {
            try await simulation.change.update(id, .none, change, from: unreadable)
        }
        let changed = try await simulation.change.update(id, .none, change, from: Models(reason: nil))
        #expect(changed.configuration.modelVersion.description == "8")
    }
}
