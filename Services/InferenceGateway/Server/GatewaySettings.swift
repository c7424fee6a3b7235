import Authentication
import Configuration
import HTTP
import Observability

/// What the process is told at its start.
struct GatewaySettings: Sendable {
    /// Why the process does not start, as a sentence for its user.
    struct Failure: Error, CustomStringConvertible {
        let description: String
        /// The user asked for help and got it.
        let isHelp: Bool
    }

    let host: String
    let port: UInt16
    let adminPort: UInt16
    /// Guards the admin port.
    let adminKey: PresharedKey
    /// What is presented to ModelServing: the gateway's own key, or without one the admin key. A secret.
    let modelServingKey: String
    let modelServing: HTTPOrigin
    /// Authorities that others are checked against, instead of the system's.
    let certificateAuthorityFile: String?
    let dataDirectory: String
    /// Tells this gateway from others.
    let gatewayID: String
    let loops: Int
    let accessLogPercent: Int
    /// For requests in flight when the process is told to end.
    let drain: Duration
    let engineDeadlines: HTTPDeadlines
    let logLevel: LogLevel
    let logFormat: StandardErrorLogSink.Format?

    static let maximumLoops = 64
    static let maximumGatewayIDLength = 128
    static let maximumSeconds = 86_400

    init(
        environment: [String: String], arguments: [String], cores: Int, hostName: String = "gateway"
    ) throws(Failure) {
        do {
            let settings = try Configuration(
                process: "InferenceGateway", settings: Self.settings(cores: cores), environment: environment,
                arguments: arguments)
            host = try settings.string("SLIPWAY_HOST")
            port = try settings.port("SLIPWAY_PORT")
            adminPort = try settings.port("SLIPWAY_ADMIN_PORT")
            let adminKeyText = try PresharedKey.text(
                key: settings.optional("SLIPWAY_ADMIN_KEY"), file: settings.optional("SLIPWAY_ADMIN_KEY_FILE"),
                of: .admin)
            adminKey = try PresharedKey(adminKeyText, of: .admin)
            modelServingKey =
                try PresharedKey.textIfSet(
                    key: settings.optional("SLIPWAY_GATEWAY_KEY"), file: settings.optional("SLIPWAY_GATEWAY_KEY_FILE"),
                    of: .gateway) ?? adminKeyText
            let url = try settings.string("SLIPWAY_MODEL_SERVING_URL")
            guard let origin = HTTPOrigin(url) else {
                throw Configuration.Failure.invalid(
                    "SLIPWAY_MODEL_SERVING_URL is \"\(url)\"; it must be like http://127.0.0.1:8080")
            }
            modelServing = origin
            certificateAuthorityFile = try settings.optionalFile("SLIPWAY_CA_FILE")
            dataDirectory = try settings.string("SLIPWAY_DATA_DIR")
            gatewayID = try Self.gatewayID(settings.optional("SLIPWAY_GATEWAY_ID") ?? "\(hostName):\(port)")
            loops = try settings.integer("SLIPWAY_LOOPS", in: 1...Self.maximumLoops)
            drain = .seconds(try settings.integer("SLIPWAY_DRAIN_SECONDS", in: 1...Self.maximumSeconds))
            var deadlines = Forwarder.deadlines
            deadlines.firstByte = .seconds(
                try settings.integer("SLIPWAY_ENGINE_FIRST_BYTE_SECONDS", in: 1...Self.maximumSeconds))
            deadlines.idle = .seconds(try settings.integer("SLIPWAY_ENGINE_IDLE_SECONDS", in: 1...Self.maximumSeconds))
            engineDeadlines = deadlines
            accessLogPercent = try settings.integer("SLIPWAY_ACCESS_LOG_PERCENT", in: 0...100)
            logLevel = try settings.choice("SLIPWAY_LOG_LEVEL")
            logFormat =
                settings.optional("SLIPWAY_LOG_FORMAT") == nil ? nil : try settings.choice("SLIPWAY_LOG_FORMAT")
        } catch Configuration.Failure.help(let text) {
            throw Failure(description: text, isHelp: true)
        } catch {
            throw Failure(description: "InferenceGateway: \(error)\n", isHelp: false)
        }
    }

    private static func gatewayID(_ text: String) throws(Configuration.Failure) -> String {
        let isUsable = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "|") }
        guard isUsable, (1...maximumGatewayIDLength).contains(text.utf8.count) else {
            throw .invalid(
                "SLIPWAY_GATEWAY_ID is \"\(text)\"; it must be 1 to \(maximumGatewayIDLength) visible "
                    + "characters without |"
            )
        }
        return text
    }

    private static func settings(cores: Int) -> [Configuration.Setting] {
        [
            .init("SLIPWAY_HOST", default: "127.0.0.1", "address to listen on"),
            .init("SLIPWAY_PORT", default: "8088", "port for inference requests; 0 takes any that is free"),
            .init("SLIPWAY_ADMIN_PORT", default: "8089", "port for health and metrics; 0 takes any that is free"),
            .init("SLIPWAY_ADMIN_KEY", isSecret: true, "the admin key; guards the admin port"),
            .init("SLIPWAY_ADMIN_KEY_FILE", "a file of mode 0600 that holds the admin key"),
            .init(
                "SLIPWAY_GATEWAY_KEY", isSecret: true, "what fetches routes and reports usage; else the admin key does"
            ),
            .init("SLIPWAY_GATEWAY_KEY_FILE", "a file of mode 0600 that holds the gateway's key"),
            .init(
                "SLIPWAY_CA_FILE",
                "authorities (PEM) by which engines and ModelServing are checked, instead of the system's"),
            .init("SLIPWAY_MODEL_SERVING_URL", default: "http://127.0.0.1:8080", "where routes are fetched"),
            .init(
                "SLIPWAY_DATA_DIR", default: ".slipway",
                "where the last routes and counts are kept; another for each gateway"),
            .init("SLIPWAY_GATEWAY_ID", "name of this gateway, unlike that of any other; by default machine:port"),
            .init("SLIPWAY_LOOPS", default: "\(min(max(cores, 1), maximumLoops))", "event loops"),
            .init(
                "SLIPWAY_DRAIN_SECONDS", default: "120",
                "how long requests in flight may take when the gateway is told to end; then they are cut off"),
            .init(
                "SLIPWAY_ENGINE_FIRST_BYTE_SECONDS", default: "\(Forwarder.deadlines.firstByte.components.seconds)",
                "how long an engine may take until its answer begins"),
            .init(
                "SLIPWAY_ENGINE_IDLE_SECONDS", default: "\(Forwarder.deadlines.idle.components.seconds)",
                "how long an engine may pause in an answer"),
            .init(
                "SLIPWAY_ACCESS_LOG_PERCENT", default: "0",
                "how many of the requests that went well get a log line; failures always get one"),
            .init("SLIPWAY_LOG_LEVEL", default: "info", "debug, info, warning or error"),
            .init("SLIPWAY_LOG_FORMAT", "json or text; text on a terminal, else json"),
        ]
    }
}
