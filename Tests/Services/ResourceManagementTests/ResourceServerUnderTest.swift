import ControlPlane
import Domain
import HTTP
import JSON
import Persistence
import ResourceManagementCore
import TestSupport
import Testing

@testable import ResourceManagement

/// ResourceManagement in process, on a store in memory that can fail.
struct ResourceServerUnderTest {
    let time = ManualTime()
    let memory: InMemoryStateStore
    let store: FaultyStateStore
    let server: InProcessServer
    let ids = IdentifierSource()

    init(seed: UInt64 = 1, faults: FaultyStateStore.Faults = .init()) throws {
        let time = time
        memory = InMemoryStateStore(now: { time.now })
        store = FaultyStateStore(memory, seed: seed, faults: faults)
        server = try Self.server(store, time, ids)
    }

    /// One more replica on the same store.
    func replica() throws -> InProcessServer { try Self.server(store, time, ids) }

    /// The same server for callers with names.
    func knowing(_ rules: String) throws -> InProcessServer {
        try InProcessServer(Self.api(store, time, ids), owners: [:], rules: rules)
    }

    private static func server(
        _ store: FaultyStateStore, _ time: ManualTime, _ ids: IdentifierSource
    ) throws -> InProcessServer {
        try InProcessServer(api(store, time, ids), store: store)
    }

    private static func api(
        _ store: FaultyStateStore, _ time: ManualTime, _ ids: IdentifierSource
    ) -> ControlPlaneAPI {
        let records = RecordStore(store, retries: ConflictRetries(clock: StillClock(), randomFraction: { 0 }))
        let repository = DaprResourceRepository(records, now: { time.now }, makeID: ids.next)
        let registry = ResourceRegistry(repository: repository, now: { time.now }, makeID: ids.next)
        return ControlPlaneAPI(
            routes: ResourceManagementAPI.routes(registry, LedgerCheck(records)),
            document: ResourceManagementAPI.document)
    }

    /// The check that the server uses.
    var check: LedgerCheck {
        LedgerCheck(RecordStore(store, retries: ConflictRetries(clock: StillClock(), randomFraction: { 0 })))
    }

    /// The path of a new pool.
    func pool(
        _ name: String, _ type: String, _ total: Int64, _ more: [(String, JSONValue)] = []
    ) async throws -> String {
        let body = JSONObject(
            [("name", .string(name)), ("resource_type", .string(type)), ("total_capacity", .integer(total))] + more)
        let answer = try await server.send(.post, "/resource_pools", .object(body))
        return try #require(answer.fields["Location"])
    }

    func available(_ pool: String) async throws -> Int64? {
        try await server.send(.get, pool).json["available_capacity"]?.integerValue
    }

    /// The path of a claim that nobody has made yet, and its body.
    func claim(_ requirements: JSONValue, _ more: [(String, JSONValue)] = []) -> (path: String, body: JSONValue) {
        let id = ids.next()
        return (
            "/resource_claims/\(id)",
            .object(
                JSONObject(
                    [
                        ("service_id", .string(serviceID)), ("instance_id", .string(id.description)),
                        ("resource_requirements", requirements),
                    ] + more))
        )
    }
}

let serviceID = "01920000-0000-7000-8000-00000000aaaa"
let instanceID = "01920000-0000-7000-8000-00000000bbbb"
