import HTTP
import Observability
import Synchronization
import Testing
import TestSupport

@testable import LocalSidecar

@Suite struct AppProbeTests {
    /// An app that comes up after some calls, and whose health is what the script says.
    private final class ScriptedApp: HTTPTransport {
        struct State {
            var refusals: Int
            var health: [Int]
            var calls: [String] = []
            /// What the sidecar thought of the app when each health check came.
            var opinions: [Bool] = []
        }

        let state: Mutex<State>
        let (seen, continuation) = AsyncStream<Int>.makeStream()

        private let status: AppStatus

        init(_ status: AppStatus, refusals: Int, health: [Int] = []) {
            self.status = status
            state = Mutex(State(refusals: refusals, health: health))
        }

        func send(
            _ request: HTTPRequest, to origin: HTTPOrigin, deadlines: HTTPDeadlines
        ) async throws(HTTPTransportError) -> HTTPResponse {
            let answer = state.withLock { state -> Int? in
                guard state.refusals == 0 else {
                    state.refusals -= 1
                    return nil
                }
                state.calls.append("\(request.target) \(request.fields["Dapr-Api-Token"] ?? "-")")
                guard request.target == "/healthz" else { return 404 }
                state.opinions.append(status.isHealthy)
                return state.health.isEmpty ? 200 : state.health.removeFirst()
            }
            guard let answer else { throw .connectFailed("Connection refused") }
            if request.target == "/healthz" { continuation.yield(answer) }
            return HTTPResponse(HTTPStatus(answer))
        }
    }

    private func probe(
        _ app: ScriptedApp, _ status: AppStatus, check: SidecarOptions.HealthCheck? = nil
    ) -> AppProbe {
        AppProbe(
            app: HTTPOrigin(host: "127.0.0.1", port: 7001), appID: "app-a", appToken: "tok", status: status,
            healthCheck: check, transport: app, clock: InstantClock(),
            logger: Logger(sink: RecordingLogSink(), now: { ManualTime().now }))
    }

    @Test func waitsForThePortAndThenAsksForConfigurationAndSubscriptions() async throws {
        let status = AppStatus(isReady: false, isHealthy: false)
        let app = ScriptedApp(status, refusals: 3)
        let check = SidecarOptions.HealthCheck(
            path: "/healthz", interval: .seconds(1), timeout: .seconds(1), threshold: 2)
        let probe = probe(app, status, check: check)
        let running = Task { try await probe.run() }
        for await _ in app.seen { break }
        #expect(status.isReady)
        #expect(app.state.withLock { $0.calls.prefix(2) } == ["/dapr/config tok", "/dapr/subscribe tok"])
        await probe.shutDown()
        try await running.value
    }

    @Test func callsAnAppUnhealthyAfterAsManyFailuresAsTheThreshold() async throws {
        let status = AppStatus(isReady: false, isHealthy: false)
        let app = ScriptedApp(status, refusals: 0, health: [200, 500, 200, 500, 500, 500, 200])
        let check = SidecarOptions.HealthCheck(
            path: "/healthz", interval: .seconds(1), timeout: .seconds(1), threshold: 2)
        let probe = probe(app, status, check: check)
        let running = Task { try await probe.run() }
        var answers = 0
        for await _ in app.seen {
            answers += 1
            if answers == 8 { break }
        }
        await probe.shutDown()
        try await running.value
        let opinions = app.state.withLock { $0.opinions.prefix(8) }
        #expect(opinions == [false, true, true, true, true, false, false, true])
    }
}
