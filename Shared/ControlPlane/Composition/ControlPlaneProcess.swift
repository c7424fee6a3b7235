import Access
import Audit
import Authentication
import Configuration
import Dapr
import Domain
import EventLoop
import FoundationEssentials
import Glibc
import HTTP
import HTTPClient
import HTTPServer
import Lifecycle
import Observability
import Persistence

/// A process of the control plane: settings, sidecar, server and life cycle around one service.
public struct ControlPlaneProcess: Sendable {
    /// Exit status for settings that nobody can run with.
    static let unusableSettings: Int32 = 2

    private let appID: String
    private let port: UInt16
    private let settings: [Configuration.Setting]

    /// - Parameters:
    ///   - appID: the name under which the sidecar knows it.
    ///   - port: listened on unless the settings say otherwise.
    ///   - settings: those of this service alone.
    public init(appID: String, port: UInt16, settings: [Configuration.Setting] = []) {
        self.appID = appID
        self.port = port
        self.settings = ControlPlaneSettings.all(port: port) + settings
    }

    /// Runs until a signal ends the process, or something it cannot do without fails; then exits.
    public func run(
        _ assemble: @Sendable (ControlPlaneParts) async throws -> ControlPlaneAssembly
    ) async -> Never {
        let signals = TerminationSignals()
        exit(await status(until: signals, assemble))
    }

    private func status(
        until signals: TerminationSignals,
        _ assemble: @Sendable (ControlPlaneParts) async throws -> ControlPlaneAssembly
    ) async -> Int32 {
        var logger = Logger(sink: StandardErrorLogSink(), now: SystemClock.now)
        do {
            let configuration = try Configuration(
                process: appID, settings: settings, environment: ProcessInfo.processInfo.environment,
                arguments: Array(CommandLine.arguments.dropFirst()))
            logger = try Self.logger(configuration).with(["app": appID])
            let loops = EventLoopGroup(count: try configuration.integer("SLIPWAY_LOOPS", in: 1...64))
            let parts = try Self.parts(configuration, loops, logger)
            // Before anything else: without a key there is nobody to serve.
            let authenticator = try await AuthenticationSettings.authenticator(parts, clock: LoopClock(loops))
            let audit = try AuditLog(
                in: AuditLog.folder(in: try configuration.string("SLIPWAY_DATA_DIR"), of: appID), now: SystemClock.now)
            audit.tellNews(logger)
            let assembly = try await assemble(parts)
            let server = try Self.server(assembly, parts, authenticator, audit, loops)
            let rules = AccessRefresh(
                parts.access, clock: LoopClock(loops), metrics: parts.metrics, logger: logger)
            let status = await BackgroundTaskGroup([rules] + assembly.tasks + [server], logger: logger)
                .run(until: signals)
            logger.info("stopped")
            return status
        } catch Configuration.Failure.help(let text) {
            StandardStream.output.write(text)
            return 0
        } catch {
            logger.error("cannot start", ["error": "\(error)"])
            return Self.unusableSettings
        }
    }

    private static func logger(_ configuration: Configuration) throws -> Logger {
        var format: StandardErrorLogSink.Format?
        if configuration.optional("SLIPWAY_LOG_FORMAT") != nil {
            format = try configuration.choice("SLIPWAY_LOG_FORMAT")
        }
        return Logger(
            sink: StandardErrorLogSink(format: format), level: try configuration.choice("SLIPWAY_LOG_LEVEL"),
            now: SystemClock.now)
    }

    private static func parts(
        _ configuration: Configuration, _ loops: EventLoopGroup, _ logger: Logger
    ) throws -> ControlPlaneParts {
        let endpoint =
            try configuration.optional("DAPR_HTTP_ENDPOINT")
            ?? "http://127.0.0.1:\(configuration.port("DAPR_HTTP_PORT"))"
        guard let origin = HTTPOrigin(endpoint) else {
            throw Configuration.Failure.invalid(
                "DAPR_HTTP_ENDPOINT is \"\(endpoint)\"; it must be like http://127.0.0.1:3500, without a path")
        }
        let clock = LoopClock(loops)
        let authorities = try configuration.optionalFile("SLIPWAY_CA_FILE")
        let secure = CurlClient(group: loops, options: CurlOptions(certificateAuthorityFile: authorities))
        let transport = SchemeTransport(plain: KeepAliveClient(group: loops), secure: secure)
        func sidecar(_ store: String) throws -> DaprClient {
            DaprClient(
                transport: transport, sidecar: origin, stateStoreName: try configuration.string(store),
                apiToken: configuration.optional("DAPR_API_TOKEN"), clock: clock)
        }
        func records(_ sidecar: DaprClient) -> RecordStore {
            RecordStore(CircuitBreaker(sidecar), retries: ConflictRetries(clock: clock))
        }
        let state = try sidecar("SLIPWAY_STATE_STORE")
        let own = records(state)
        let rules = AccessStoreChoice(
            try configuration.string("SLIPWAY_ACCESS_STORE"), shared: records(try sidecar("SLIPWAY_ACCESS_STORE")),
            own: own, logger: logger)
        return ControlPlaneParts(
            configuration: configuration, logger: logger, metrics: MetricsRegistry(), sidecar: state,
            records: own, access: AccessAuthority(try AccessFiles(configuration), store: rules, now: SystemClock.now),
            transport: transport, secureTransport: secure, now: SystemClock.now,
            makeID: {
                var generator = SystemRandomNumberGenerator()
                return UUIDv7(at: SystemClock.now(), using: &generator)
            })
    }

    private static func server(
        _ assembly: ControlPlaneAssembly, _ parts: ControlPlaneParts, _ authenticator: any Authenticator,
        _ audit: AuditLog, _ loops: EventLoopGroup
    ) throws -> HTTPServerTask {
        let readiness = Readiness(
            [.sidecar(parts.sidecar), .stateStore(parts.sidecar), AccessRefresh.check(parts.access)]
                + assembly.checks)
        let access = AccessControl(
            authenticator: authenticator, authority: parts.access, owners: assembly.owners)
        let adminKey = try PresharedKey.text(
            key: parts.configuration.optional("SLIPWAY_ADMIN_KEY"),
            file: parts.configuration.optional("SLIPWAY_ADMIN_KEY_FILE"), of: .admin)
        let responder = ControlPlaneResponder(
            assembly.api, access: access, audit: audit, readiness: readiness,
            appToken: parts.configuration.optional("APP_API_TOKEN"), metrics: parts.metrics, logger: parts.logger,
            now: parts.now, makeID: parts.makeID,
            mintKey: { id, key in key.map { APIKey.derived(from: "\($0.digest)\n\(id)", secret: adminKey) } ?? .make() }
        )
        return HTTPServerTask(
            "http", HTTPServer(responder: responder, group: loops),
            hosts: [try parts.configuration.string("SLIPWAY_HOST")],
            port: try parts.configuration.port("SLIPWAY_PORT"), logger: parts.logger)
    }
}
