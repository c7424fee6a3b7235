import JSON
import KubernetesObjects
import ModelServingCore

/// The `spec` of the pods in which an engine runs.
struct EnginePod {
    static let container = "engine"
    static let portName = "http"
    /// How long an engine may take to finish its requests.
    static let graceSeconds = 60
    /// Between two looks at whether it answers.
    static let startupPeriodSeconds = 5
    static let readinessPeriodSeconds = 5
    static let livenessPeriodSeconds = 10
    /// An engine that computes may be slow to answer.
    static let probeTimeoutSeconds = 5
    /// Looks in a row at which it does not answer, before it is started again.
    static let livenessFailures = 6

    private let deployment: Deployment
    private let model: ModelVolume
    private let needsModel: Bool
    private let command: EngineCommand

    init(_ deployment: Deployment, images: ModelVolume.Images) {
        self.deployment = deployment
        model = ModelVolume(deployment.model, images: images, environment: deployment.options.environment ?? [:])
        command = EngineCommand(deployment, modelPath: model.path)
        needsModel = EngineCommand.needsModel(deployment.engine, deployment.options)
    }

    /// - Parameter node: the only one that the pod may run on.
    func spec(node: String? = nil) -> JSONValue {
        var fields: [(String, JSONValue)] = [
            ("automountServiceAccountToken", false), ("enableServiceLinks", false),
            ("terminationGracePeriodSeconds", .integer(Int64(Self.graceSeconds))),
            ("securityContext", PodSecurity.pod), ("volumes", .array(ModelVolume.volumes + sharedMemory.volumes)),
            ("containers", [engine]),
        ]
        if needsModel { fields.append(("initContainers", .array(model.containers))) }
        if let node { fields.append(("affinity", Self.affinity(node))) }
        return .object(JSONObject(fields + WorkloadParts.placement(deployment.options)))
    }

    var port: Int64 { Int64(deployment.options.port ?? RuntimeOptions.defaultPort) }

    private var engine: JSONValue {
        var fields: [(String, JSONValue)] = [
            ("name", .string(Self.container)), ("image", .string(command.image)),
            ("env", WorkloadParts.environment(command.environment)),
            // Said, because an older server's apply needs it.
            ("ports", [["name": .string(Self.portName), "containerPort": .integer(port), "protocol": "TCP"]]),
            ("resources", WorkloadParts.resources(deployment.requirements)),
            ("securityContext", PodSecurity.container),
            ("terminationMessagePolicy", "FallbackToLogsOnError"),
            ("volumeMounts", .array(ModelVolume.mounts + sharedMemory.mounts)),
            ("startupProbe", probe(every: Self.startupPeriodSeconds, failures: startupFailures)),
            ("readinessProbe", probe(every: Self.readinessPeriodSeconds, failures: 2)),
            ("livenessProbe", probe(every: Self.livenessPeriodSeconds, failures: Self.livenessFailures)),
        ]
        if let words = command.words { fields.append(("command", .array(words.map { .string($0) }))) }
        return .object(JSONObject(fields))
    }

    /// Slipway's own deadline comes first: the engine is not killed for being slow before it is given up.
    private var startupFailures: Int {
        let seconds = deployment.options.startSeconds ?? RuntimeOptions.defaultStartSeconds
        return seconds / Self.startupPeriodSeconds + 2
    }

    private func probe(every seconds: Int, failures: Int) -> JSONValue {
        [
            "httpGet": [
                "path": .string(deployment.options.healthPath ?? RuntimeOptions.defaultHealthPath),
                "port": .string(Self.portName),
            ],
            "periodSeconds": .integer(Int64(seconds)), "failureThreshold": .integer(Int64(failures)),
            "timeoutSeconds": .integer(Int64(Self.probeTimeoutSeconds)),
        ]
    }

    /// The processes of a vLLM that is spread over devices speak through it, and containers get hardly any.
    private var sharedMemory: (volumes: [JSONValue], mounts: [JSONValue]) {
        guard let engine = deployment.engine, VLLMConfiguration(engine).parallelism > 1 else { return ([], []) }
        return (
            [["name": "shm", "emptyDir": ["medium": "Memory"]]], [["name": "shm", "mountPath": "/dev/shm"]]
        )
    }

    /// By name, and through the scheduler, which checks what the node has left.
    private static func affinity(_ node: String) -> JSONValue {
        let field: JSONValue = ["key": "metadata.name", "operator": "In", "values": [.string(node)]]
        return [
            "nodeAffinity": [
                "requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": [["matchFields": [field]]]]
            ]
        ]
    }
}
