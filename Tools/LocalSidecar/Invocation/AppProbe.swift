import HTTP
import Lifecycle
import Observability
import Synchronization

/// Waits until the app's port is open, asks what daprd asks an app at its start, and then, if it is to, looks after
/// the app's health.
final class AppProbe: BackgroundTask {
    /// Between two looks whether the port is open.
    static let portInterval = Duration.milliseconds(100)
    static let startTimeout = Duration.seconds(5)

    let name: String
    private let app: HTTPOrigin
    private let appID: String
    private let appToken: String?
    private let status: AppStatus
    private let healthCheck: SidecarOptions.HealthCheck?
    private let transport: any HTTPTransport
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let running = Mutex<Task<Void, Never>?>(nil)

    init(
        app: HTTPOrigin, appID: String, appToken: String?, status: AppStatus,
        healthCheck: SidecarOptions.HealthCheck?, transport: any HTTPTransport,
        clock: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) {
        name = "app probe \(appID)"
        self.app = app
        self.appID = appID
        self.appToken = appToken
        self.status = status
        self.healthCheck = healthCheck
        self.transport = transport
        self.clock = clock
        self.logger = logger
    }

    func run() async throws {
        let task = Task {
            // Ends by being cancelled, and only then.
            _ = try? await self.work()
        }
        running.withLock { $0 = task }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    func shutDown() async { running.withLock { $0 }?.cancel() }

    private func work() async throws {
        while await !answers("/dapr/config", within: Self.startTimeout) {
            try await clock.sleep(for: Self.portInterval)
        }
        _ = await answers("/dapr/subscribe", within: Self.startTimeout)
        status.isReady = true
        logger.info("the app listens", ["app_id": appID, "address": app.authority])
        guard let healthCheck else {
            while true { try await clock.sleep(for: .seconds(3600)) }
        }
        var failures = 0
        while true {
            let response = await response(healthCheck.path, within: healthCheck.timeout)
            failures = response?.status.isSuccess == true ? 0 : failures + 1
            let isHealthy = failures == 0 || (status.isHealthy && failures < healthCheck.threshold)
            if isHealthy != status.isHealthy {
                status.isHealthy = isHealthy
                logger.info("the app's health changed", ["app_id": appID, "healthy": "\(isHealthy)"])
            }
            try await clock.sleep(for: healthCheck.interval)
        }
    }

    /// Whether there is an answer, whatever it is.
    private func answers(_ path: String, within timeout: Duration) async -> Bool {
        await response(path, within: timeout) != nil
    }

    private func response(_ path: String, within timeout: Duration) async -> HTTPResponse? {
        var request = HTTPRequest(
            .get, path,
            fields: ["User-Agent": "Go-http-client/1.1", "Content-Type": "application/json", "Dapr-App-Id": appID])
        if let appToken { request.fields.append("Dapr-Api-Token", appToken) }
        let deadlines = HTTPDeadlines(connect: timeout, firstByte: timeout, idle: timeout)
        guard let response = try? await transport.send(request, to: app, deadlines: deadlines) else { return nil }
        // Read to its end, so that the connection can be used again.
        _ = try? await response.body.collect(limitBytes: 1 << 20)
        return response
    }
}
