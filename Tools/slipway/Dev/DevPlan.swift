import FoundationEssentials
import JSON

/// What `slipway dev` runs, from a project's folder and the ports to use.
struct DevPlan: Sendable {
    /// In the project's folder: where the sidecar keeps state.
    static let componentsFolder = "components/local"

    let project: ProjectDirectory
    let ports: DevPorts
    /// The folder of this program, where the others are too.
    let programs: String
    /// The user's `PATH`.
    let searchPath: String
    /// Random, for this run: between the services and their sidecars.
    let sidecarToken: String
    let appToken: String
    /// The user's environment: what it says about an issuer of tokens and access rules; the rest of it is left out.
    var userEnvironment: [String: String] = [:]

    static let services: [Settings.Server] = [.modelManagement, .resourceManagement, .modelServing]
    private static let accessFiles = [
        "SLIPWAY_ACCESS_MODEL_FILE": "access_model.conf", "SLIPWAY_ACCESS_POLICY_FILE": "access_policy.csv",
    ]
    private static let issuerSettings = [
        "SLIPWAY_JWT_ISSUER", "SLIPWAY_JWT_AUDIENCE", "SLIPWAY_JWKS_FILE", "SLIPWAY_JWKS_URL",
        "SLIPWAY_JWKS_OVERLAP_SECONDS", "SLIPWAY_JWT_SUBJECT_CLAIM", "SLIPWAY_JWT_GROUPS_CLAIM",
        "SLIPWAY_JWT_SKEW_SECONDS",
    ]
    /// Where else than on this machine services may be run.
    private static let runtimeSettings = [
        "SLIPWAY_INSTALLATION", "SLIPWAY_VLLM", "SLIPWAY_RAY_URL", "SLIPWAY_RAY_PROXY_URL", "SLIPWAY_RAY_MODEL_FOLDER",
        "SLIPWAY_RAY_TOKEN", "SLIPWAY_KUBECONFIG", "SLIPWAY_KUBERNETES_CONTEXT", "SLIPWAY_KUBERNETES_NAMESPACE",
        "SLIPWAY_DOWNLOAD_IMAGE", "SLIPWAY_BUCKET_IMAGE", "SLIPWAY_CA_FILE",
    ]

    /// In the order in which they are started: whoever is needed comes first.
    var processes: [ProcessPlan] { [sidecar] + Self.services.map(service) + [gateway] }

    private var sidecar: ProcessPlan {
        let apps = Self.services.flatMap { server in
            ["--app", "\(server.rawValue)=127.0.0.1:\(ports.port(of: server))@\(ports.sidecar(of: server))"]
        }
        return ProcessPlan(
            name: "sidecar", executable: "\(programs)/LocalSidecar",
            // A page of a listing is larger than what a sidecar takes by itself, and so are headers with a token.
            arguments: apps + [
                "--resources-path", Self.componentsFolder, "--max-body-size", "16Mi", "--read-buffer-size", "64Ki",
                "--log-as-json",
            ],
            environment: ["DAPR_API_TOKEN": sidecarToken, "APP_API_TOKEN": appToken],
            ports: Self.services.map(ports.sidecar),
            readiness: .init(port: ports.sidecar, path: "/v1.0/healthz/outbound"))
    }

    private func service(_ server: Settings.Server) -> ProcessPlan {
        var environment = common(server)
        environment["SLIPWAY_PORT"] = String(ports.port(of: server))
        environment["DAPR_HTTP_PORT"] = String(ports.sidecar(of: server))
        environment["DAPR_API_TOKEN"] = sidecarToken
        environment["APP_API_TOKEN"] = appToken
        // Where the demo's engine is; last, so that it hides none of the user's own programs.
        environment["PATH"] = "\(searchPath):\(project.folder.resolve(".venv/engines/bin"))"
        environment["SLIPWAY_GATEWAY_URL"] = "http://127.0.0.1:\(ports.gateway)"
        // Nobody else is called by the gateway.
        if server == .modelServing { environment["SLIPWAY_GATEWAY_KEY_FILE"] = project.gatewayKeyFile }
        // What somebody changes there counts at the next start, without a build.
        for (name, file) in Self.accessFiles {
            let path = project.folder.resolve("config/\(file)")
            environment[name] = userEnvironment[name] ?? (LocalFile.exists(path) ? path : nil)
        }
        for name in Self.issuerSettings { environment[name] = userEnvironment[name] }
        if server == .modelServing {
            for name in Self.runtimeSettings { environment[name] = userEnvironment[name] }
        }
        return ProcessPlan(
            name: server.rawValue, executable: "\(programs)/\(Self.program(server))", arguments: [],
            environment: environment, ports: [ports.port(of: server)],
            readiness: .init(port: ports.port(of: server)))
    }

    private var gateway: ProcessPlan {
        var environment = common(.gateway)
        environment["SLIPWAY_PORT"] = String(ports.gateway)
        environment["SLIPWAY_ADMIN_PORT"] = String(ports.gatewayAdmin)
        environment["SLIPWAY_MODEL_SERVING_URL"] = "http://127.0.0.1:\(ports.modelServing)"
        environment["SLIPWAY_GATEWAY_KEY_FILE"] = project.gatewayKeyFile
        return ProcessPlan(
            name: "gateway", executable: "\(programs)/\(Self.program(.gateway))", arguments: [],
            environment: environment, ports: [ports.gateway, ports.gatewayAdmin],
            readiness: .init(port: ports.gatewayAdmin))
    }

    private func common(_ server: Settings.Server) -> [String: String] {
        [
            "SLIPWAY_HOST": "127.0.0.1", "SLIPWAY_ADMIN_KEY_FILE": project.adminKeyFile,
            "SLIPWAY_DATA_DIR": dataFolder(of: server), "SLIPWAY_LOG_FORMAT": "json",
        ]
    }

    func dataFolder(of server: Settings.Server) -> String { "\(project.localPath)/\(server.rawValue)" }

    /// What the other commands of this program read, so that they find the stack.
    var configuration: JSONValue {
        var document = JSONObject()
        for server in Settings.Server.allCases {
            document[server.member] = .string("http://127.0.0.1:\(ports.port(of: server))")
        }
        document["admin_key_file"] = .string("\(ProjectDirectory.localFolder)/admin.key")
        return .object(document)
    }

    private static func program(_ server: Settings.Server) -> String {
        switch server {
        case .modelServing: "ModelServing"
        case .modelManagement: "ModelManagement"
        case .resourceManagement: "ResourceManagement"
        case .gateway: "InferenceGateway"
        }
    }
}
