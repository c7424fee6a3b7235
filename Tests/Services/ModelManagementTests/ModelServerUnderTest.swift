import Audit
import ControlPlane
import Domain
import HTTP
import JSON
import ModelManagementCore
import Persistence
import TestSupport
import Testing

@testable import ModelManagement

/// ModelManagement in process, on a store in memory that can fail.
struct ModelServerUnderTest {
    let time = ManualTime()
    let memory: InMemoryStateStore
    let store: FaultyStateStore
    let server: InProcessServer
    let check: ModelCheck
    private let ids = IdentifierSource()

    init(seed: UInt64 = 1, faults: FaultyStateStore.Faults = .init()) throws {
        let time = time
        memory = InMemoryStateStore(now: { time.now })
        store = FaultyStateStore(memory, seed: seed, faults: faults)
        check = ModelCheck(Self.records(store), now: { time.now })
        server = try Self.server(store, time, ids)
    }

    /// One more replica on the same store.
    func replica() throws -> InProcessServer { try Self.server(store, time, ids) }

    /// The same server for callers with names.
    func knowing(_ rules: String, audit: AuditLog? = nil) throws -> InProcessServer {
        let registry = ModelRegistry(
            repository: DaprModelRepository(Self.records(store)), now: { [time] in time.now }, makeID: ids.next)
        return try InProcessServer(
            ControlPlaneAPI(routes: ModelManagementAPI.routes(registry, check), document: ModelManagementAPI.document),
            owners: ["models": ModelOwners(registry: registry)], rules: rules, audit: audit)
    }

    private static func records(_ store: FaultyStateStore) -> RecordStore {
        RecordStore(store, retries: ConflictRetries(clock: StillClock(), randomFraction: { 0 }))
    }

    private static func server(
        _ store: FaultyStateStore, _ time: ManualTime, _ ids: IdentifierSource
    ) throws -> InProcessServer {
        let records = records(store)
        let registry = ModelRegistry(
            repository: DaprModelRepository(records), now: { time.now }, makeID: ids.next)
        let check = ModelCheck(records, now: { time.now })
        return try InProcessServer(
            ControlPlaneAPI(routes: ModelManagementAPI.routes(registry, check), document: ModelManagementAPI.document),
            store: store)
    }

    /// The path of a new model.
    func create(_ name: String = "demo", _ more: [(String, JSONValue)] = []) async throws -> String {
        let answer = try await server.send(.post, "/models", .object(JSONObject([("name", .string(name))] + more)))
        return try #require(answer.fields["Location"])
    }

    /// The number of a new version.
    @discardableResult
    func addVersion(to model: String, _ more: [(String, JSONValue)] = []) async throws -> Int64 {
        let body = JSONObject(
            [("model_file_url", "file:///models/a.gguf"), ("sha256", .string(digest))] + more)
        let answer = try await server.send(.post, "\(model)/versions", .object(body))
        return try #require(answer.json["version"]?.integerValue)
    }
}

let digest = String(repeating: "ab", count: 32)
