import HTTP
import Testing
import TestSupport

@testable import LocalSidecar

/// Every recorded invocation, sent again, with apps that answer as those of the recording did.
@Suite struct InvocationReplayTests {
    static func tracing(_ rate: String) -> String {
        "{kind: Configuration, metadata: {name: c}, spec: {tracing: {samplingRate: \"\(rate)\"}}}"
    }

    /// Exchanges in which something is down, and what came of a Configuration of their own.
    private static let apart = [
        "invoke.callee-app-down", "invoke.callee-app-down.POST", "invoke.callee-daprd-down",
        "invoke.callee-app-not-listening", "invoke.app-unhealthy",
    ]

    private func sidecar(
        _ folder: TemporaryFolder, rate: String? = "1", transport: RecordedApps = RecordedApps(),
        environment: [String: String] = [:], _ more: String...
    ) async throws -> TestSidecar {
        try await TestSidecar(
            "--app", "app-a=127.0.0.1:7001@3501", "--app", "app-b=127.0.0.1:7002@3502", components: "",
            configuration: rate.map(Self.tracing), environment: environment, transport: transport, folder: folder)
    }

    @Test func passesRequestsOnAsDaprdDid() async throws {
        let exchanges = RecordedExchange.all.filter {
            $0.name.hasPrefix("invoke.") && !Self.apart.contains($0.name) && !$0.name.contains("bigrequest")
        }
        #expect(exchanges.count > 50)
        let folder = TemporaryFolder()
        let sidecar = try await sidecar(folder)
        var replay = Replay(sidecar.api)
        for exchange in exchanges { try await replay.send(exchange) }
        #expect(replay.differences == [])
    }

    @Test(arguments: [
        ("trace.rate=\"0\".nocaller", "0"), ("trace.rate=\"0\".caller-01", "0"), ("trace.rate=None.nocaller", nil),
        ("trace.rate=None.caller-01", nil),
    ])
    func treatsTraceContextsByItsSamplingRate(name: String, rate: String?) async throws {
        let folder = TemporaryFolder()
        var replay = Replay(try await sidecar(folder, rate: rate).api)
        try await replay.send(RecordedExchange.named(name))
        #expect(replay.differences == [])
    }

    @Test(arguments: [
        "invoke.callee-app-down", "invoke.callee-app-down.POST", "invoke.callee-app-not-listening",
    ])
    func saysThatAnAppIsDown(name: String) async throws {
        let folder = TemporaryFolder()
        var replay = Replay(try await sidecar(folder, transport: RecordedApps(closedPorts: [7002])).api)
        try await replay.send(RecordedExchange.named(name))
        #expect(replay.differences == [])
    }

    @Test func saysThatAnAppIsNotHealthy() async throws {
        let folder = TemporaryFolder()
        let sidecar = try await sidecar(folder)
        sidecar.assembly.sidecars[1].status.isHealthy = false
        var replay = Replay(sidecar.api)
        try await replay.send(RecordedExchange.named("invoke.app-unhealthy"))
        #expect(replay.differences == [])
    }

    @Test func saysThatASidecarIsDown() async throws {
        let folder = TemporaryFolder()
        let sidecar = try await TestSidecar(
            "--app-id", "app-a", "--app-port", "7001", components: "", configuration: Self.tracing("1"),
            environment: ["SLIPWAY_SIDECAR_PEERS": "app-b=127.0.0.1:50022"],
            transport: RecordedApps(closedPorts: [50022]), folder: folder)
        var replay = Replay(sidecar.api)
        try await replay.send(RecordedExchange.named("invoke.callee-daprd-down"))
        #expect(replay.differences == [])
    }

    @Test(arguments: ["token.self.none", "token.invoke.caller-sends-app-token"])
    func setsTheAppTokenWhateverTheCallerSends(name: String) async throws {
        let folder = TemporaryFolder()
        var replay = Replay(try await sidecar(folder, environment: ["APP_API_TOKEN": "apptok-b"]).api)
        try await replay.send(RecordedExchange.named(name))
        #expect(replay.differences == [])
    }

    @Test func keepsTheCallersTokenToItself() async throws {
        let folder = TemporaryFolder()
        var replay = Replay(try await sidecar(folder, environment: ["DAPR_API_TOKEN": "secret1"]).api)
        try await replay.send(RecordedExchange.named("token.invoke.callee-without-token"))
        #expect(replay.differences == [])
    }

    @Test func letsASpoofedCallerArriveTwiceInEitherOrder() async throws {
        let folder = TemporaryFolder()
        let sidecar = try await sidecar(folder)
        let request = try RecordedExchange.named("invoke.spoofed-caller-headers").request
        var orders: Set<Bool> = []
        for _ in 0..<200 where orders.count < 2 {
            let response = await sidecar.api.respond(to: request)
            let body = String(decoding: try await response.body.collect(limitBytes: 1 << 16), as: UTF8.self)
            let own = try #require(body.firstRange(of: "[\"Dapr-Caller-App-Id\",\"app-a\"]"))
            let spoofed = try #require(body.firstRange(of: "[\"Dapr-Caller-App-Id\",\"spoofed\"]"))
            orders.insert(own.lowerBound < spoofed.lowerBound)
        }
        #expect(orders.count == 2)
    }
}
