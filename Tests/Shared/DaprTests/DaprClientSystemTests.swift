import Dapr
import HTTP
import Testing
import TestSupport

@Suite struct DaprClientSystemTests {
    private func client(_ transport: ScriptedTransport) -> DaprClient {
        DaprClient(
            transport: transport, sidecar: HTTPOrigin(host: "127.0.0.1", port: 3500), stateStoreName: "statestore")
    }

    @Test func asksBothHealthRoutes() async throws {
        let transport = try ScriptedTransport("sys.healthz")
        try await client(transport).checkHealth()
        try await client(transport).checkOutboundHealth()
        #expect(transport.requests.map(\.target) == ["/v1.0/healthz", "/v1.0/healthz/outbound"])
    }

    @Test func isNotHealthyBeforeTheAppListens() async throws {
        let transport = try ScriptedTransport("sys.b.healthz.app-not-listening")
        await #expect(throws: DaprError.sidecarUnavailable("dapr is not ready: [runtime]")) {
            try await client(transport).checkHealth()
        }
    }

    @Test func readsMetadata() async throws {
        let body = """
            {"id":"app-a","runtimeVersion":"1.17.13","components":[\
            {"name":"mem","type":"state.in-memory","version":"v1","capabilities":["ETAG","TTL"]},\
            {"name":"local-env","type":"secretstores.local.env","version":"v1"}],\
            "extended":{"daprRuntimeVersion":"1.17.13"},"subscriptions":[]}
            """
        let transport = ScriptedTransport(.response(HTTPResponse(.ok, body: HTTPBody(body))))
        let metadata = try await client(transport).metadata()
        #expect(metadata.appID == "app-a")
        #expect(metadata.components.map(\.name) == ["mem", "local-env"])
        #expect(metadata.components.first?.capabilities == ["ETAG", "TTL"])
        #expect(metadata.extended == ["daprRuntimeVersion": "1.17.13"])
    }

    @Test func storesMetadata() async throws {
        let transport = try ScriptedTransport("sys.metadata.put")
        try await client(transport).setMetadata("my key", "my value")
        let request = try #require(transport.requests.first)
        #expect(request.target == "/v1.0/metadata/my%20key")
        #expect(try await request.body.collect(limitBytes: 100) == Array("my value".utf8))
    }
}
