import JSON

/// An application as Serve tells of it.
struct ServeApplication: Hashable, Sendable {
    /// Serve's words for how an application is.
    enum Status: String, Hashable, Sendable, CaseIterable {
        case notStarted = "NOT_STARTED"
        case deploying = "DEPLOYING"
        case running = "RUNNING"
        case deployFailed = "DEPLOY_FAILED"
        case unhealthy = "UNHEALTHY"
        case deleting = "DELETING"
    }

    /// A class of the application and its replicas.
    struct Deployment: Hashable, Sendable {
        enum Status: String, Hashable, Sendable, CaseIterable {
            case updating = "UPDATING"
            case healthy = "HEALTHY"
            case unhealthy = "UNHEALTHY"
            case deployFailed = "DEPLOY_FAILED"
            case upscaling = "UPSCALING"
            case downscaling = "DOWNSCALING"
        }

        struct Replica: Hashable, Sendable {
            enum State: String, Hashable, Sendable, CaseIterable {
                case starting = "STARTING"
                case updating = "UPDATING"
                case recovering = "RECOVERING"
                case running = "RUNNING"
                case stopping = "STOPPING"
                case stopped = "STOPPED"
                case pendingMigration = "PENDING_MIGRATION"
            }

            /// Nil for a word that is not known.
            let state: State?
            let nodeAddress: String?
        }

        let name: String
        /// Nil for a word that is not known.
        let status: Status?
        let message: String
        let targetReplicas: Int
        let replicas: [Replica]

        var runningReplicas: Int {
            replicas.count { $0.state == .running || $0.state == .pendingMigration }
        }
    }

    let name: String
    /// Nil for a word that is not known.
    let status: Status?
    let message: String
    /// Seconds since 1970 at the last declaration that named it, whatever that changed.
    let deployedAtSeconds: Double?
    /// What was declared, as whoever declared it wrote it; nil if it was deployed by a program, or is being deleted.
    let declared: JSONValue?
    /// Deployed by a program (`serve.run`) and not declared: declarations leave it alone.
    let isImperative: Bool
    let deployments: [Deployment]
    /// The deployment that requests come to; nil until the application was built.
    let ingress: String?

    /// It was declared, and Serve does not say how.
    var isUntold: Bool { declared == nil && !isImperative && status != .deleting }

    init(name: String, _ value: JSONValue) {
        self.name = name
        status = value["status"]?.stringValue.flatMap(Status.init)
        message = value["message"]?.stringValue ?? ""
        deployedAtSeconds = value["last_deployed_time_s"]?.doubleValue
        let told = value["deployed_app_config"]
        declared = told?.isNull == false ? told : .none
        isImperative = value["source"]?.stringValue == "imperative"
        deployments = (value["deployments"]?.objectValue?.members ?? []).map { Deployment(name: $0.name, $0.value) }
        ingress = value["deployment_topology"]?["ingress_deployment"]?.stringValue
    }
}

extension ServeApplication.Deployment {
    fileprivate init(name: String, _ value: JSONValue) {
        self.name = name
        status = value["status"]?.stringValue.flatMap(Status.init)
        message = value["message"]?.stringValue ?? ""
        let replicas = value["replicas"]?.arrayValue ?? []
        targetReplicas = value["target_num_replicas"]?.integerValue.map { Int($0) } ?? replicas.count
        self.replicas = replicas.map { replica in
            Replica(
                state: replica["state"]?.stringValue.flatMap(Replica.State.init),
                nodeAddress: replica["node_ip"]?.stringValue)
        }
    }
}

extension JSONValue {
    fileprivate var doubleValue: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .null, .bool, .string, .array, .object: nil
        }
    }
}
