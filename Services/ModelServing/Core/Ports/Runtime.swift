import Domain

/// Runs instances: the one place where the reconciliation touches the world outside.
///
/// Every call returns within seconds. What takes longer (a download, an engine that loads its weights, a graceful end)
/// goes on inside the runtime, and `observe` and `remove` tell how far it is. Every call may be repeated at any time,
/// also by a process that was started anew and knows only what was persisted.
public protocol Runtime: Sendable {
    var kind: RuntimeKind { get }

    /// Whether this runtime can be used here and now.
    func probe() async -> RuntimeProbe

    /// Everything that keeps `model` from being run so: `/engine/…` and `/runtime_options/…` of the request, and
    /// `model_definition/…` of the model definition file. Touches nothing.
    func problems(with model: ResolvedModel, _ configuration: ServiceConfiguration) -> [FieldProblem]

    /// Begins to bring the instance up. Idempotent by instance id: what is there already is kept.
    ///
    /// That the instance is to be deployed was persisted before, so nothing can be started and forgotten: whatever this
    /// starts must be found again by the instance id alone.
    func deploy(_ deployment: Deployment) async throws(Failure) -> RuntimeHandle

    /// What has become of the instance. Cheap: it is asked at every look. The handle that it answers is persisted in
    /// place of the one given. Where things are watched it may trail what `deploy` and `remove` have just done.
    func observe(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation

    /// Takes charge again of an instance after a restart of this process; without it nothing supervises the instance.
    /// Idempotent, and does not disturb what runs.
    func recover(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation

    /// Stops watching the instances of these services, since another replica does so from now on. What runs goes on
    /// undisturbed; what is being prepared is given up, and done again by the other.
    func letGo(of isTheirs: @Sendable (ModelServiceID) -> Bool) async

    /// What this runtime has of this installation, whoever knows of it, as far as it can list that. The list may trail
    /// what was done or observed a moment ago, so that one look at it proves nothing.
    func deployed() async -> [DeployedInstance]

    /// Sets the number of replicas inside one instance to what the deployment says. Idempotent; only for runtimes that
    /// keep replicas inside. Capacity for more was claimed before, and for fewer is given back once they are gone.
    func scale(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure)

    /// Takes the instance down and everything that belongs to it, without ever touching what is not ours. Idempotent;
    /// works without a handle too, for an instance whose handle was lost between its start and its write.
    func remove(_ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?) async throws(Failure) -> Removal

    /// The end of the instance's log, at most `lines` lines; empty if there is none.
    func logs(_ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, lines: Int) async throws(Failure)
        -> [String]

    /// Forgets what is kept of an instance that was removed, its log above all. Idempotent; what it cannot delete is
    /// left to a later clean-up.
    func discard(_ instance: ModelServiceInstanceID) async

    /// Says which service to look at sooner than its time, because something changed. Losing one costs only time.
    func changes() -> AsyncStream<ModelServiceID>
}

/// Everything a runtime is told about an instance.
public struct Deployment: Hashable, Sendable {
    public let serviceID: ModelServiceID
    public let serviceName: ServiceName
    public let instanceID: ModelServiceInstanceID
    public let revision: Int
    public let model: ResolvedModel
    /// Of one replica.
    public let requirements: ResourceRequirements
    /// Replicas inside this one instance.
    public let replicas: Int
    public let engine: EngineConfiguration?
    public let options: RuntimeOptions

    public init(
        serviceID: ModelServiceID, serviceName: ServiceName, instanceID: ModelServiceInstanceID, revision: Int,
        model: ResolvedModel, requirements: ResourceRequirements, replicas: Int,
        engine: EngineConfiguration? = nil, options: RuntimeOptions = RuntimeOptions()
    ) {
        self.serviceID = serviceID
        self.serviceName = serviceName
        self.instanceID = instanceID
        self.revision = revision
        self.model = model
        self.requirements = requirements
        self.replicas = replicas
        self.engine = engine
        self.options = options
    }
}

/// Something that a runtime has.
public struct DeployedInstance: Hashable, Sendable {
    public let instanceID: ModelServiceInstanceID
    /// Since when; of several parts, the first.
    public let since: Timestamp

    public init(instanceID: ModelServiceInstanceID, since: Timestamp) {
        self.instanceID = instanceID
        self.since = since
    }
}

/// What a runtime sees of an instance at this moment.
public struct Observation: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// There is nothing.
        case absent
        /// Not started yet: the model file is being fetched, for example.
        case preparing
        /// Started, and does not answer yet.
        case starting
        case ready
        /// Answered before, and does not for the moment.
        case unready(Failure)
        /// Will not come to life, or back, by itself.
        case failed(Failure)
    }

    public let state: State
    public let handle: RuntimeHandle
    /// Where it answers, with the path that stands before those of requests if there is one; nil while that is not
    /// known.
    public let url: String?
    public let node: String?
    /// How far it is, or what it waits for, for people. Never a secret.
    public let message: String?
    /// Of the replicas inside. Runtimes that keep replicas inside always tell of one that is ready.
    public let replicas: ReplicaCount?

    public init(
        _ state: State, handle: RuntimeHandle, url: String? = nil, node: String? = nil, message: String? = nil,
        replicas: ReplicaCount? = nil
    ) {
        self.state = state
        self.handle = handle
        self.url = url
        self.node = node
        self.message = message.map { Failure.shortened($0) }
        self.replicas = replicas
    }
}

/// How far the removal of an instance is.
public enum Removal: Hashable, Sendable {
    /// Being ended; ask again.
    case inProgress
    case gone
}

/// Whether a runtime can be used.
public enum RuntimeProbe: Hashable, Sendable {
    case available
    /// Why not, for whoever wants to use it.
    case unavailable(String)
}
