import HTTP
import Testing
import TestSupport

@testable import LocalSidecar

@Suite struct SystemReplayTests {
    @Test(arguments: RecordedStore.available) func answersAsDaprdDid(store: RecordedStore) async throws {
        let exchanges = RecordedExchange.all.filter { exchange in
            exchange.name.hasPrefix("sys.") && !exchange.name.contains("not-listening")
        }
        #expect(exchanges.count > 20)
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar(
            "--app-id", "app-a", "--app-port", "7001", components: try store.components(),
            configuration: InvocationReplayTests.tracing("1"), folder: folder)
        var replay = Replay(sidecar.api)
        for exchange in exchanges { try await replay.send(exchange) }
        #expect(replay.differences == [])
        await sidecar.wasShutDown.wait()
    }

    @Test func isNotReadyBeforeTheAppListens() async throws {
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar(
            "--app-id", "app-b", "--app-port", "7002", components: "", folder: folder)
        sidecar.assembly.sidecars[0].status.isReady = false
        var replay = Replay(sidecar.api)
        try await replay.send(RecordedExchange.named("sys.b.healthz.app-not-listening"))
        try await replay.send(RecordedExchange.named("sys.b.outbound.app-not-listening"))
        sidecar.assembly.sidecars[0].status.isReady = true
        try await replay.send(RecordedExchange.named("sys.b.healthz.app-up"))
        #expect(replay.differences == [])
    }

    @Test(arguments: RecordedStore.available) func wantsItsToken(store: RecordedStore) async throws {
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar(
            "--app", "app-a=127.0.0.1:7001@3501", "--app", "app-b=127.0.0.1:7002@3502",
            components: try store.components(), configuration: InvocationReplayTests.tracing("1"),
            environment: ["DAPR_API_TOKEN": "secret1", "APP_API_TOKEN": "apptok-b"], folder: folder)
        var replay = Replay(sidecar.api)
        for name in [
            "token.missing", "token.wrong", "token.healthz", "token.healthz.outbound", "token.metadata",
            "token.bearer", "token.invoke",
        ] {
            try await replay.send(RecordedExchange.named(name))
        }
        #expect(replay.differences == [])
        let answer = await sidecar.api.respond(to: try RecordedExchange.named("token.ok").request)
        #expect(answer.status.code == 204, "with the token the absent key is absent, not forbidden")
    }

    @Test(arguments: RecordedStore.available) func refusesWhatExceedsItsLimits(store: RecordedStore) async throws {
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar(
            "--app", "app-a=127.0.0.1:7001@3501", "--app", "app-b=127.0.0.1:7002@3502",
            components: try store.components(), configuration: InvocationReplayTests.tracing("1"), folder: folder)
        var replay = Replay(sidecar.api)
        for name in ["http.big-header.9k", "state.bigrequest.5MB", "invoke.bigrequest.5MB", "state.get.badpct"] {
            try await replay.send(RecordedExchange.named(name))
        }
        #expect(replay.differences == [])
    }

    @Test func keepsComponentsToTheirScopesAndSurvivesThoseThatMayFail() async throws {
        let components = """
            \(RecordedComponents.sqlite("pg1", table: "state"))
            ---
            metadata: {name: scoped}
            kind: Component
            spec: {type: state.in-memory, version: v1}
            scopes: [app-b]
            ---
            metadata: {name: pg-secret}
            kind: Component
            spec: {type: state.cassandra, version: v1, ignoreErrors: true}
            """
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar("--app-id", "app-a", components: components, folder: folder)
        var replay = Replay(sidecar.api)
        for name in ["component.scopes", "component.ignoreErrors", "component.ignoreErrors.healthz"] {
            try await replay.send(RecordedExchange.named(name))
        }
        #expect(replay.differences.filter { !$0.contains("Traceparent's presence") } == [])
    }

    @Test func endsIfAComponentFailsThatMayNot() async throws {
        let folder = TemporaryFolder()
        await #expect(throws: ComponentFileError.self) {
            try await TestSidecar(
                "--app-id", "app-a",
                components: "{kind: Component, metadata: {name: x}, spec: {type: state.cassandra}}", folder: folder)
        }
    }
}
