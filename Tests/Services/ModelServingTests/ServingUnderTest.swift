import ControlPlane
import Dapr
import Domain
import HTTP
import JSON
import ModelServingCore
import Observability
import Persistence
import TestSupport
import Testing

@testable import ModelServing

/// ModelServing in process, on a store in memory that can fail, with neighbours and a runtime of the tests' own. The
/// reconciliation moves only when `settle()` is called.
struct ServingUnderTest {
    let time = ManualTime()
    let memory: InMemoryStateStore
    let store: FaultyStateStore
    let neighbours = ScriptedNeighbours()
    let runtime = TestRuntime()
    let repository: DaprModelServiceRepository
    let reconciler: Reconciler
    let server: InProcessServer
    private let parts: ModelServingParts

    init(seed: UInt64 = 1, faults: FaultyStateStore.Faults = .init()) throws {
        let time = time
        memory = InMemoryStateStore(now: { time.now })
        store = FaultyStateStore(memory, seed: seed, faults: faults)
        let records = RecordStore(store, retries: ConflictRetries(randomFraction: { 0 }))
        let policy = ReconciliationPolicy()
        repository = DaprModelServiceRepository(records, policy: policy)
        let logged = LoggedModelServiceRepository(
            repository, logger: Logger(sink: RecordingLogSink(), now: { time.now }), metrics: MetricsRegistry())
        let ids = IdentifierSource()
        let ambient = Ambient(now: { time.now }, random: { ids.next().low })
        let models = Neighbour(
            appID: "model-management", invoker: neighbours, unavailable: .modelCatalogUnavailable)
        let catalog = DaprModelCatalog(neighbour: models)
        let claims = DaprResourceClaims(
            neighbour: Neighbour(
                appID: "resource-management", invoker: neighbours, unavailable: .resourceManagementUnavailable))
        reconciler = Reconciler(
            repository: logged, catalog: catalog, claims: claims, runtimes: [runtime], policy: policy,
            ambient: ambient, drains: DaprGatewayBook(records: records, now: { time.now }))
        parts = ModelServingParts(
            records: records, repository: logged, callersModels: CallersModels(neighbour: models), claims: claims,
            runtimes: [runtime],
            ambient: ambient, policy: policy, gatewayURL: "http://gateway:8088", adminKey: InProcessServer.adminKey,
            wake: { _ in })
        server = try InProcessServer(
            ControlPlaneAPI(routes: ModelServingAPI.routes(parts), document: ModelServingAPI.document), store: store)
    }

    /// The same server for callers with names.
    func knowing(_ rules: String) throws -> InProcessServer {
        try InProcessServer(
            ControlPlaneAPI(routes: ModelServingAPI.routes(parts), document: ModelServingAPI.document),
            owners: ModelServiceOwners.lookups(parts), rules: rules)
    }

    static let modelID = "01920000-0000-7000-8000-0000000000aa"

    static func wanted(_ name: String = "chat", _ more: [(String, JSONValue)] = []) -> JSONValue {
        .object(
            JSONObject(
                [
                    ("name", .string(name)), ("model_id", .string(modelID)),
                    ("resource_requirements", ["cpu": "500m"]),
                ] + more))
    }

    /// The path of a new service.
    func create(_ name: String = "chat", _ more: [(String, JSONValue)] = []) async throws -> String {
        let answer = try await server.send(.post, "/model_services", Self.wanted(name, more))
        #expect(answer.status == 202, "\(answer.text)")
        return try #require(answer.fields["Location"])
    }

    func get(_ path: String) async throws -> JSONValue { try await server.send(.get, path).json }

    /// Looks at everything that is unsettled until nothing is.
    func settle() async throws {
        for _ in 0..<1000 {
            let ids = try await repository.unsettled()
            if ids.isEmpty { return }
            for id in ids { _ = try await reconciler.look(at: id) }
            time.advance(by: .seconds(1))
        }
        Issue.record("not settled")
    }
}
