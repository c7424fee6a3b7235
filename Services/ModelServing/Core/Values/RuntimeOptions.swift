/// Where and how a cluster runs a service. Each runtime takes the options that mean something to it and refuses others.
public struct RuntimeOptions: Hashable, Sendable, Codable {
    /// Lets replicas onto nodes that keep others away, in Kubernetes' words.
    public struct Toleration: Hashable, Sendable, Codable {
        public enum Operator: String, Hashable, Sendable, Codable, CaseIterable {
            case exists = "Exists"
            case equal = "Equal"
        }

        public enum Effect: String, Hashable, Sendable, Codable, CaseIterable {
            case noSchedule = "NoSchedule"
            case preferNoSchedule = "PreferNoSchedule"
            case noExecute = "NoExecute"
        }

        public var key: String?
        public var `operator`: Operator?
        public var value: String?
        public var effect: Effect?
        public var seconds: Int?

        public init(
            key: String? = nil, operator: Operator? = nil, value: String? = nil, effect: Effect? = nil,
            seconds: Int? = nil
        ) {
            self.key = key
            self.operator = `operator`
            self.value = value
            self.effect = effect
            self.seconds = seconds
        }

        private enum CodingKeys: String, CodingKey {
            case key, `operator`, value, effect
            case seconds = "toleration_seconds"
        }
    }

    /// How many replicas Ray runs at a time; capacity is claimed for the most.
    public struct Autoscaling: Hashable, Sendable, Codable {
        public static let targetRange = 0.1...10_000

        public var minimumReplicas: Int
        public var maximumReplicas: Int
        /// Requests that one replica works on at a time, on average.
        public var targetOngoingRequests: Double?

        public init(minimumReplicas: Int, maximumReplicas: Int, targetOngoingRequests: Double? = nil) {
            self.minimumReplicas = minimumReplicas
            self.maximumReplicas = maximumReplicas
            self.targetOngoingRequests = targetOngoingRequests
        }

        private enum CodingKeys: String, CodingKey {
            case minimumReplicas = "min_replicas"
            case maximumReplicas = "max_replicas"
            case targetOngoingRequests = "target_ongoing_requests"
        }
    }

    public static let startSecondsRange = 10...86_400
    public static let defaultStartSeconds = 1800
    public static let defaultPort = 8000
    public static let defaultHealthPath = "/health"
    public static let portRange = 1024...65_535
    /// Of pods while a Deployment's template changes.
    public static let podRange = 0...64
    /// Bytes of `application_arguments`.
    public static let maximumApplicationArguments = 16 * 1024
    /// Entries of any list or map here.
    public static let maximumEntries = 64
    /// Characters of any text here.
    public static let maximumTextLength = 4096

    public var image: String?
    public var imagePullSecrets: [String]?
    public var serviceAccount: String?
    /// The one node on which the only replica is to run, as at the edge.
    public var nodeName: String?
    public var nodeSelector: [String: String]?
    public var tolerations: [Toleration]?
    /// The container's command. May hold `{port}`, `{model_path}` and `{service_name}`.
    public var command: [String]?
    public var port: Int?
    /// Answers with a success once the engine is ready.
    public var healthPath: String?
    public var environment: [String: String]?
    /// Of a Ray Serve application: `module:attribute`.
    public var importPath: String?
    /// Of that application, the deployment whose replicas are those of the service.
    public var deploymentName: String?
    /// Where that is found: the URI of a zip file.
    public var workingDirectory: String?
    /// An object, as JSON text; what a Ray Serve application's builder is called with.
    public var applicationArguments: String?
    public var autoscaling: Autoscaling?
    /// How long it may take until it is ready.
    public var startSeconds: Int?
    public var maximumSurge: Int?
    public var maximumUnavailable: Int?

    public init() {}

    /// It says nothing.
    public var isEmpty: Bool { self == Self() }

    private enum CodingKeys: String, CodingKey {
        case image, tolerations, command, port, environment, autoscaling
        case imagePullSecrets = "image_pull_secrets"
        case serviceAccount = "service_account"
        case nodeName = "node_name"
        case nodeSelector = "node_selector"
        case healthPath = "health_path"
        case importPath = "import_path"
        case deploymentName = "deployment"
        case workingDirectory = "working_dir"
        case applicationArguments = "application_arguments"
        case startSeconds = "start_seconds"
        case maximumSurge = "max_surge"
        case maximumUnavailable = "max_unavailable"
    }
}
