import HTTP
import Testing
import TestSupport

@testable import LocalSidecar

/// Every recorded call of the state API, sent again to the local sidecar in the recorded order.
@Suite struct StateReplayTests {
    private static let groups = ["state.", "pg2.", "mem.", "tx.", "prefix.", "query."]

    private static let exchanges = RecordedExchange.all.filter { exchange in
        groups.contains { exchange.name.hasPrefix($0) } && !exchange.name.hasSuffix(".db-down")
            && Replay.onlyInVersion1[exchange.name] == nil
    }

    @Test func answersAsDaprdDid() async throws {
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar(
            "--app-id", "app-a", components: RecordedComponents.text, folder: folder)
        try await expectNoDifferences(sidecar) { sidecar.time.advance(by: $0) }
    }

    @Test(PostgreSQLTables.areThere) func answersAsDaprdDidOnPostgreSQL() async throws {
        let folder = TemporaryFolder()
        let tables = try PostgreSQLTables()
        let sidecar = try await TestSidecar(
            "--app-id", "app-a", components: RecordedComponents.text(on: tables), folder: folder)
        try await expectNoDifferences(sidecar) { try await tables.advance(by: $0) }
    }

    private func expectNoDifferences(
        _ sidecar: TestSidecar, advance: (Duration) async throws -> Void
    ) async throws {
        #expect(Self.exchanges.count > 200)
        var replay = Replay(sidecar.api)
        for exchange in Self.exchanges {
            if exchange.name == "state.get.ttl.after" { try await advance(.seconds(3)) }
            try await replay.send(exchange)
        }
        #expect(replay.differences == [])
    }

    @Test func answersBadETagsAsVersion2Does() async throws {
        let folder = TemporaryFolder()
        try await expectRefusals(
            try await TestSidecar("--app-id", "app-a", components: RecordedComponents.text, folder: folder))
    }

    @Test(PostgreSQLTables.areThere) func answersBadETagsAsVersion2DoesOnPostgreSQL() async throws {
        let folder = TemporaryFolder()
        try await expectRefusals(
            try await TestSidecar(
                "--app-id", "app-a", components: RecordedComponents.text(on: try PostgreSQLTables()), folder: folder))
    }

    private func expectRefusals(_ sidecar: TestSidecar) async throws {
        var replay = Replay(sidecar.api)
        try await replay.send(RecordedExchange.named("state.save.single"))
        for name in Replay.onlyInVersion1.keys.sorted() where name != "state.save.nulvalue" {
            let exchange = try RecordedExchange.named(name)
            let response = await sidecar.api.respond(to: exchange.request)
            #expect(response.status.code == (name.hasPrefix("tx.") ? 500 : 409), "\(name)")
            let body = String(decoding: try await response.body.collect(limitBytes: 4096), as: UTF8.self)
            #expect(body.contains("possible etag mismatch. error from state store: invalid UUID"), "\(name)")
        }
    }
}
