import Cryptography
import Domain
import EventLoop
import HTTPClient
import HTTPServer
import InferenceGatewayCore
import Lifecycle
import Observability

/// The composition root: everything that the process is made of, put together in one place.
struct GatewayProcess: Sendable {
    /// Proxies before the gateway use the connections that they keep, and learn that it ends.
    private static let idleGrace: Duration = .seconds(1)
    /// For what is left of a drain when its deadline is over.
    private static let cutOffTime: Duration = .seconds(5)

    private let group: EventLoopGroup
    private let logger: Logger
    private let tasks: [any BackgroundTask]
    private let shutDownDeadline: Duration

    /// An engine is sent as much as there is: what it is spared, its service's concurrency says.
    private static var clientLimits: HTTPClientLimits {
        var limits = HTTPClientLimits()
        limits.connectionsPerOrigin = HTTPServerLimits().connections
        return limits
    }

    init(_ settings: GatewaySettings, sink: any LogSink, now: @escaping @Sendable () -> Timestamp = SystemClock.now) {
        let logger = Logger(sink: sink, level: settings.logLevel, now: now)
        let group = EventLoopGroup(count: settings.loops)
        let plain = KeepAliveClient(group: group, limits: Self.clientLimits)
        let secure = CurlClient(
            group: group, options: CurlOptions(certificateAuthorityFile: settings.certificateAuthorityFile))
        let numbers = SharedNumberGenerator(seed: SystemRandomNumberGenerator.seed())
        let routes = CurrentRoutes()
        let freshness = RouteFreshness()
        let polls = RoutePolls()
        let refusals = RefusalMeter()
        let usage = UsageInbox()
        let usageStatus = UsageStatus()
        let toModelServing = SchemeTransport(plain: plain, secure: secure)
        let accessLog = AccessLog(samplePercent: settings.accessLogPercent, now: now)
        let data = GatewayResponder(
            routes: routes, polls: polls, admission: Admission(sha256: TokenDigest.init(sha256Of:), now: now),
            forwarder: Forwarder(
                plain: plain, secure: secure, numbers: numbers, accessLog: accessLog, usage: usage,
                deadlines: settings.engineDeadlines),
            refusals: refusals,
            accessLog: accessLog, numbers: numbers)
        let admin = AdminResponder(
            key: settings.adminKey,
            metrics: GatewayMetrics(
                routes: routes, refusals: refusals, freshness: freshness, usage: usageStatus, now: now),
            freshness: freshness, now: now)
        let poller = RoutePoller(
            source: RouteSource(
                transport: toModelServing, origin: settings.modelServing, key: settings.modelServingKey),
            drains: {
                DrainReporter(
                    gatewayID: settings.gatewayID, transport: toModelServing, origin: settings.modelServing,
                    key: settings.modelServingKey, logger: logger)
            },
            files: RouteFiles(dataDirectory: settings.dataDirectory), routes: routes, freshness: freshness,
            polls: polls, numbers: numbers, now: now, logger: logger)
        let loads = EngineLoadReader(routes: routes, plain: plain, secure: secure)
        let reporter = UsageReporter(
            gatewayID: settings.gatewayID, dataDirectory: settings.dataDirectory,
            incarnation: String(SystemRandomNumberGenerator.seed(), radix: 16), inbox: usage,
            sink: UsageSink(
                transport: toModelServing, origin: settings.modelServing, key: settings.modelServingKey),
            status: usageStatus, logger: logger)
        // In the order of need: each ends before those above it.
        tasks = [
            AccessLogWriter(accessLog, logger: logger) { StandardStream.error.write($0) },
            HTTPServerTask(
                "admin", HTTPServer(responder: admin, group: group), hosts: [settings.host], port: settings.adminPort,
                logger: logger),
            poller, reporter, loads,
            HTTPServerTask(
                "data", HTTPServer(responder: data, group: group, tasksPreferLoop: false), hosts: [settings.host],
                port: settings.port, drainDeadline: settings.drain, idleGrace: Self.idleGrace, logger: logger),
        ]
        shutDownDeadline = settings.drain + Self.cutOffTime
        self.group = group
        self.logger = logger
    }

    /// - Returns: the process's exit status.
    func run(until signals: TerminationSignals) async -> Int32 {
        let status = await BackgroundTaskGroup(tasks, shutDownDeadline: shutDownDeadline, logger: logger)
            .run(until: signals)
        await group.shutdown()
        return status
    }
}

extension TokenDigest {
    init(sha256Of token: ArraySlice<UInt8>) { self.init(words: SHA256.words(token.span)) }
}

extension SystemRandomNumberGenerator {
    fileprivate static func seed() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
