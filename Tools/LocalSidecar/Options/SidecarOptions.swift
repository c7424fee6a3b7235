import HTTP
import Observability

/// What one process is to be: the sidecar of one app, as daprd is, or those of several.
struct SidecarOptions: Sendable {
    /// One app and where its sidecar listens.
    struct Instance: Hashable, Sendable {
        let appID: String
        /// Nil for an app that only calls.
        let app: HTTPOrigin?
        let port: UInt16
    }

    struct HealthCheck: Hashable, Sendable {
        let path: String
        let interval: Duration
        let timeout: Duration
        let threshold: Int
    }

    let instances: [Instance]
    /// Where the local sidecars of other apps take calls from this one.
    let peers: [String: HTTPOrigin]
    /// Where this one takes calls from those; nil if it does not.
    let peerListener: (host: String, port: UInt16)?
    let resourcePaths: [String]
    let configurationFiles: [String]
    let listenAddresses: [String]
    let maximumBodyBytes: Int
    let readBufferBytes: Int
    let healthCheck: HealthCheck?
    let gracePeriod: Duration
    let logLevel: LogLevel
    let logFormat: StandardErrorLogSink.Format
    let flagsWithoutEffect: [String]

    init(flags: DaprdFlags, environment: [String: String]) throws(DaprdFlags.Failure) {
        instances = try Self.instances(flags)
        peers = try Self.peers(environment["SLIPWAY_SIDECAR_PEERS"] ?? "")
        peerListener = try Self.peerListener(flags)
        resourcePaths = flags.all("resources-path") + flags.all("components-path")
        configurationFiles = flags.all("config")
        let addresses = flags.all("dapr-listen-addresses")
        listenAddresses = addresses.isEmpty ? ["127.0.0.1"] : addresses
        maximumBodyBytes = try flags.byteCount(["max-body-size", "dapr-http-max-request-size"], default: 4 << 20)
        readBufferBytes = try flags.byteCount(["read-buffer-size", "dapr-http-read-buffer-size"], default: 4 << 10)
        healthCheck = try Self.healthCheck(flags)
        gracePeriod = .seconds(try flags.integer("dapr-graceful-shutdown-seconds", default: 5, in: 0...3600))
        logLevel = try Self.logLevel(flags.last("log-level") ?? "info")
        logFormat = flags.isOn("log-as-json") ? .json : .text
        flagsWithoutEffect = flags.withoutEffect
        guard flags.last("app-protocol") ?? "http" == "http" else {
            throw DaprdFlags.Failure(description: "--app-protocol: only http is supported by the local sidecar")
        }
    }

    private static func instances(_ flags: DaprdFlags) throws(DaprdFlags.Failure) -> [Instance] {
        let several = flags.all("app")
        guard several.isEmpty else {
            guard flags.last("app-id") == nil else {
                throw DaprdFlags.Failure(description: "--app and --app-id exclude each other")
            }
            var instances: [Instance] = []
            for text in several { instances.append(try instance(text)) }
            return instances
        }
        guard let appID = flags.last("app-id") else {
            throw DaprdFlags.Failure(description: "--app-id is missing (or several --app ID=HOST:PORT@SIDECARPORT)")
        }
        let port = UInt16(try flags.integer("dapr-http-port", default: 3500, in: 0...65_535))
        guard let appPort = flags.last("app-port") else { return [Instance(appID: appID, app: nil, port: port)] }
        let host = flags.last("app-channel-address") ?? "127.0.0.1"
        guard let number = UInt16(appPort), number > 0 else {
            throw DaprdFlags.Failure(description: "--app-port is \"\(appPort)\"; it must be from 1 to 65535")
        }
        return [Instance(appID: appID, app: HTTPOrigin(host: host, port: number), port: port)]
    }

    /// `model-serving=127.0.0.1:8080@3500`, or `caller@3510` for an app that is not called itself.
    private static func instance(_ text: String) throws(DaprdFlags.Failure) -> Instance {
        let failure = DaprdFlags.Failure(
            description: "--app is \"\(text)\"; write for example model-serving=127.0.0.1:8080@3500")
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        guard sides.count == 2, let port = UInt16(sides[1]) else { throw failure }
        let parts = sides[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let appID = parts.first, !appID.isEmpty else { throw failure }
        guard parts.count == 2 else { return Instance(appID: String(appID), app: nil, port: port) }
        guard let origin = HTTPOrigin("http://\(parts[1])") else { throw failure }
        return Instance(appID: String(appID), app: origin, port: port)
    }

    private static func peers(_ list: String) throws(DaprdFlags.Failure) -> [String: HTTPOrigin] {
        var peers: [String: HTTPOrigin] = [:]
        for entry in list.split(separator: ",") {
            let parts = entry.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let origin = HTTPOrigin("http://\(parts[1])") else {
                throw DaprdFlags.Failure(
                    description: "SLIPWAY_SIDECAR_PEERS has \"\(entry)\"; write for example "
                        + "model-management=models:50002,model-serving=serving:50002")
            }
            peers[String(parts[0])] = origin
        }
        return peers
    }

    private static func peerListener(_ flags: DaprdFlags) throws(DaprdFlags.Failure) -> (host: String, port: UInt16)? {
        guard flags.last("dapr-internal-grpc-port") != nil else { return nil }
        let port = try flags.integer("dapr-internal-grpc-port", default: 0, in: 0...65_535)
        return (flags.last("dapr-internal-grpc-listen-address") ?? "0.0.0.0", UInt16(port))
    }

    private static func healthCheck(_ flags: DaprdFlags) throws(DaprdFlags.Failure) -> HealthCheck? {
        guard flags.isOn("enable-app-health-check") else { return nil }
        return HealthCheck(
            path: flags.last("app-health-check-path") ?? "/healthz",
            interval: .seconds(try flags.integer("app-health-probe-interval", default: 5, in: 1...3600)),
            timeout: .milliseconds(try flags.integer("app-health-probe-timeout", default: 500, in: 1...60_000)),
            threshold: try flags.integer("app-health-threshold", default: 3, in: 1...1000))
    }

    private static func logLevel(_ word: String) throws(DaprdFlags.Failure) -> LogLevel {
        switch word {
        case "debug": return .debug
        case "info": return .info
        case "warn", "warning": return .warning
        case "error", "fatal": return .error
        default:
            throw DaprdFlags.Failure(
                description: "--log-level is \"\(word)\"; it must be debug, info, warn, error or fatal")
        }
    }
}
