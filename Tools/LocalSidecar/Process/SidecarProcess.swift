import Domain
import EventLoop
import FoundationEssentials
import Glibc
import HTTP
import HTTPClient
import HTTPServer
import Lifecycle
import Observability

/// The process: options, resources, databases, listeners, and their end.
struct SidecarProcess {
    static let unusableOptions: Int32 = 2
    /// As in daprd's stores.
    static let expiryInterval = Duration.seconds(3600)
    static let defaultDataDirectory = ".slipway"

    let arguments: [String]
    let environment: [String: String]

    /// Returns the exit status.
    func run(until signals: TerminationSignals) async -> Int32 {
        var logger = Logger(sink: StandardErrorLogSink(), now: SystemClock.now)
        do throws(any Error) {
            let flags = try DaprdFlags(arguments)
            if flags.isOn("help") || flags.isOn("version") {
                StandardStream.output.write(flags.isOn("help") ? HelpText.text : SystemAPI.runtimeVersion + "\n")
                return 0
            }
            let options = try SidecarOptions(flags: flags, environment: environment)
            logger = Logger(
                sink: StandardErrorLogSink(format: options.logFormat), level: options.logLevel, now: SystemClock.now)
            if !options.flagsWithoutEffect.isEmpty {
                logger.info("flags without effect here", ["flags": options.flagsWithoutEffect.joined(separator: " ")])
            }
            let tasks = try await tasks(options, signals, logger)
            let group = BackgroundTaskGroup(
                tasks, shutDownDeadline: options.gracePeriod + .seconds(2), logger: logger)
            let status = await group.run(until: signals)
            logger.info("stopped")
            return status
        } catch {
            logger.error("cannot start", ["error": "\(error)"])
            return Self.unusableOptions
        }
    }

    private func tasks(
        _ options: SidecarOptions, _ signals: TerminationSignals, _ logger: Logger
    ) async throws -> [any BackgroundTask] {
        let resources = try Resources(
            paths: options.resourcePaths, configurationFiles: options.configurationFiles, environment: environment)
        for document in resources.skipped {
            logger.info("a resource has no effect here", ["resource": document])
        }
        let loops = EventLoopGroup(count: 1)
        let transport = KeepAliveClient(group: loops)
        let factory = BackendFactory(
            dataDirectory: setting("SLIPWAY_DATA_DIR") ?? Self.defaultDataDirectory,
            databaseThread: EventLoopGroup(count: 1).next(), now: SystemClock.now)
        let surroundings = Assembly.Surroundings(
            transport: transport, apiToken: setting("DAPR_API_TOKEN"), appToken: setting("APP_API_TOKEN"),
            namespace: setting("NAMESPACE"), hostName: ProcessInfo.processInfo.hostName,
            clock: ContinuousClock(), logger: logger, shutDown: { signals.trigger("shutdown") })
        let assembly = try await Assembly(options, resources, factory, surroundings)
        var tasks: [any BackgroundTask] = [
            ExpiryTask(assembly.backends, interval: Self.expiryInterval, logger: logger)
        ]
        for sidecar in assembly.sidecars {
            tasks.append(
                HTTPServerTask(
                    sidecar.instance.appID, server(of: sidecar.api, options, loops), hosts: options.listenAddresses,
                    port: sidecar.instance.port, drainDeadline: options.gracePeriod, logger: logger))
            if let channel = sidecar.channel {
                tasks.append(
                    AppProbe(
                        app: channel.app, appID: sidecar.instance.appID, appToken: channel.appToken,
                        status: sidecar.status, healthCheck: options.healthCheck, transport: transport, logger: logger
                    ))
            }
        }
        if let (host, port) = options.peerListener, let sidecar = assembly.sidecars.first {
            tasks.append(
                HTTPServerTask(
                    "peers",
                    server(of: PeerAPI(channel: sidecar.channel, apiToken: surroundings.apiToken), options, loops),
                    hosts: [host], port: port, drainDeadline: options.gracePeriod, logger: logger))
        }
        return tasks
    }

    /// Its responder refuses heads beyond the read buffer in daprd's words, so the server itself takes more.
    private func server(of responder: any HTTPResponder, _ options: SidecarOptions, _ loops: EventLoopGroup)
        -> HTTPServer
    {
        var limits = HTTPServerLimits()
        limits.head.headBytes = 2 * (options.readBufferBytes + SidecarAPI.readBufferSlackBytes)
        limits.head.targetBytes = limits.head.headBytes
        return HTTPServer(responder: responder, limits: limits, group: loops)
    }

    /// An empty variable is as good as none.
    private func setting(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}
