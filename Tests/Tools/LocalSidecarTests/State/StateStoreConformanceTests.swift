import Dapr
import HTTP
import Testing
import TestSupport

@testable import LocalSidecar

/// The real client in front of the local sidecar, held by the suite that the in-memory store is held by.
@Suite struct StateStoreConformanceTests {
    private static let stores = ["pg2", "mem", "pg-none-v2", "pg-name-v2"]

    @Test(arguments: stores, StateStoreConformance.all)
    func conforms(store: String, to conformance: StateStoreConformance) async throws {
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar("--app-id", "app-a", components: RecordedComponents.text, folder: folder)
        let client = DaprClient(
            transport: sidecar.transport, sidecar: HTTPOrigin(host: "127.0.0.1", port: 3500), stateStoreName: store)
        try await conformance.check(.init(client) { sidecar.time.advance(by: $0) })
    }

    @Test(PostgreSQLTables.areThere, arguments: StateStoreConformance.all)
    func conformsOnPostgreSQL(to conformance: StateStoreConformance) async throws {
        let folder = TemporaryFolder()
        let tables = try PostgreSQLTables()
        let sidecar = try await TestSidecar(
            "--app-id", "app-a", components: tables.component("store", table: "pg2"), folder: folder)
        let client = DaprClient(
            transport: sidecar.transport, sidecar: HTTPOrigin(host: "127.0.0.1", port: 3500), stateStoreName: "store")
        try await conformance.check(.init(client) { try? await tables.advance(by: $0) })
    }

    @Test(arguments: ["pg2", "mem"]) func listsEntitiesThatComeAndGo(store: String) async throws {
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar("--app-id", "app-a", components: RecordedComponents.text, folder: folder)
        let client = DaprClient(
            transport: sidecar.transport, sidecar: HTTPOrigin(host: "127.0.0.1", port: 3500), stateStoreName: store)
        var conformance = IndexConformance(client, seed: 7)
        try await conformance.run(transactions: 80)
    }

    @Test(PostgreSQLTables.areThere) func listsEntitiesThatComeAndGoOnPostgreSQL() async throws {
        let folder = TemporaryFolder()
        let tables = try PostgreSQLTables()
        let sidecar = try await TestSidecar(
            "--app-id", "app-a", components: tables.component("store", table: "pg2"), folder: folder)
        let client = DaprClient(
            transport: sidecar.transport, sidecar: HTTPOrigin(host: "127.0.0.1", port: 3500), stateStoreName: "store")
        var conformance = IndexConformance(client, seed: 8)
        try await conformance.run(transactions: 80)
    }

    @Test func keepsAppsApartInOneDatabase() async throws {
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar(
            "--app", "app-a@3501", "--app", "app-b@3502", components: RecordedComponents.text, folder: folder)
        func client(_ index: Int, _ store: String) -> DaprClient {
            DaprClient(
                transport: ResponderTransport(sidecar.assembly.sidecars[index].api),
                sidecar: HTTPOrigin(host: "127.0.0.1", port: 3500), stateStoreName: store)
        }
        try await client(0, "pg2").save("k", Array("1".utf8))
        #expect(try await client(1, "pg2").get("k") == nil)
        // Without a prefix the same key is the same entry.
        try await client(0, "pg-none-v2").save("k", Array("2".utf8))
        #expect(try await client(1, "pg-none-v2").get("k")?.value == Array("2".utf8))
    }

    @Test func keepsStateWhenItIsStartedAgain() async throws {
        let folder = TemporaryFolder()
        for round in 0..<3 {
            let sidecar = try await TestSidecar(
                "--app-id", "app-a", components: RecordedComponents.text, folder: folder)
            let client = DaprClient(
                transport: sidecar.transport, sidecar: HTTPOrigin(host: "127.0.0.1", port: 3500),
                stateStoreName: "pg2")
            #expect(
                try await client.get("k").map { String(decoding: $0.value, as: UTF8.self) }
                    == (round > 0 ? "\(round - 1)" : nil))
            try await client.save("k", Array("\(round)".utf8))
        }
    }

    @Test func removesExpiredEntries() async throws {
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar("--app-id", "app-a", components: RecordedComponents.text, folder: folder)
        for backend in sidecar.assembly.backends {
            try await backend.transact([
                .upsert(key: "short", value: [0x31], condition: .always, timeToLiveSeconds: 5),
                .upsert(key: "long", value: [0x31], condition: .always, timeToLiveSeconds: 50),
                .upsert(key: "ever", value: [0x31], condition: .always, timeToLiveSeconds: nil),
            ])
            sidecar.time.advance(by: .seconds(10))
            try await backend.removeExpired()
            // Going back in time shows whether it was removed or only hidden.
            sidecar.time.advance(by: .seconds(-10))
            #expect(try await backend.get(["short", "long", "ever"]).keys.sorted() == ["ever", "long"])
        }
    }
}
