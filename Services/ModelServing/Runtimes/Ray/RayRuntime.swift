import Domain
import HTTP
import JSON
import ModelFiles
import ModelServingCore
import Observability

/// Runs instances as applications of Ray Serve, on a Ray cluster that is already there.
///
/// One instance is one application with its replicas inside. All that this process knows of it can be read from Serve
/// again: nothing is lost with this process, and another can go on in the middle.
public actor RayRuntime: Runtime {
    public struct Settings: Sendable {
        /// Tells the applications of installations on one cluster apart.
        public var installation: String
        /// Where the head's dashboard answers, with Serve's REST API.
        public var dashboard: HTTPBaseURL
        /// Where Serve's proxies answer.
        public var proxy: HTTPBaseURL
        /// For a cluster that asks for one.
        public var token: String?
        /// Between two looks at the cluster while anything is watched.
        public var interval: Duration = .seconds(1)
        var emptinessPatience: Duration = .seconds(5)
        var buildPatience: Duration = .seconds(20)

        public init(installation: String, dashboard: HTTPBaseURL, proxy: HTTPBaseURL, token: String? = nil) {
            self.installation = installation
            self.dashboard = dashboard
            self.proxy = proxy
            self.token = token
        }
    }

    struct Watched {
        let deployment: Deployment
        var handle: RayHandle
        /// As the reconciliation knows it.
        var told: Observation?
        /// Since when Ray does not answer; nil while it does.
        var awaySince: Timestamp?
    }

    /// What has to be done before Serve knows of an instance.
    struct Preparation {
        var message: String
        var failure: Failure?
        var isGivenUp = false
        let giveUp: AsyncStream<Void>.Continuation
    }

    /// How long a change of a number of replicas waits for others' code: whoever asks for it waits too.
    static let scalePatience: Duration = .seconds(2)
    /// Kinds of applications whose ingress is remembered.
    static let maximumIngresses = 1024

    public nonisolated let kind = RuntimeKind.ray
    let settings: Settings
    let book: ServeBook
    let files: ModelFileCache?
    let logger: Logger
    private let now: @Sendable () -> Timestamp
    var watched: [ModelServiceInstanceID: Watched] = [:]
    var preparations: [ModelServiceInstanceID: Preparation] = [:]
    /// Names of applications that are just being written about.
    var busy: Set<String> = []
    /// By code, which deployment takes the requests.
    var ingresses: [String: String] = [:]
    private let jobs: AsyncStream<@Sendable () async -> Void>
    let jobSink: AsyncStream<@Sendable () async -> Void>.Continuation
    private let changed: AsyncStream<ModelServiceID>
    let changedSink: AsyncStream<ModelServiceID>.Continuation

    /// - Parameter files: puts model files where all nodes of the cluster find them under the same path; nil if there
    ///   is no such place. Then only applications that find their model by themselves can be run.
    public init(
        _ settings: Settings, files: ModelFileCache?, transport: any HTTPTransport,
        random: @escaping @Sendable () -> UInt64, now: @escaping @Sendable () -> Timestamp = SystemClock.now,
        logger: Logger
    ) {
        self.settings = settings
        self.files = files
        self.logger = logger
        self.now = now
        var writing = ServeBook.Settings()
        writing.interval = settings.interval
        writing.emptinessPatience = settings.emptinessPatience
        writing.buildPatience = settings.buildPatience
        writing.startOptions = Self.startOptions(settings.proxy)
        book = ServeBook(
            ServeClient(settings.dashboard, token: settings.token, transport: transport), writing, random: random,
            logger: logger)
        (jobs, jobSink) = AsyncStream.makeStream()
        (changed, changedSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
    }

    /// What the first declaration of all says of the proxies. On this machine they are where they are expected;
    /// elsewhere something may stand before them, and Ray's own defaults hold.
    private static func startOptions(_ proxy: HTTPBaseURL) -> JSONObject {
        let host = proxy.origin.host == "localhost" ? "127.0.0.1" : proxy.origin.host
        guard proxy.origin.scheme == .http, host == "::1" || host.hasPrefix("127.") else { return JSONObject() }
        return JSONObject([
            ("http_options", ["host": .string(host), "port": .integer(Int64(proxy.origin.port))])
        ])
    }

    /// Does what the other calls began and watches the applications, until `shutDown()`. They are left running.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watch() }
            for await job in jobs { group.addTask { await job() } }
            group.cancelAll()
        }
    }

    public nonisolated func shutDown() { jobSink.finish() }

    public func probe() async -> RuntimeProbe {
        do throws(ServeError) {
            _ = try await book.state(notOlderThan: settings.interval)
            return .available
        } catch {
            return .unavailable(error.message)
        }
    }

    public nonisolated func problems(
        with model: ResolvedModel, _ configuration: ServiceConfiguration
    ) -> [FieldProblem] {
        RayProblems(model, configuration, hasModelFolder: files != nil).problems
    }

    public func deploy(_ deployment: Deployment) async throws(Failure) -> RuntimeHandle {
        let name = configuration(deployment).name.description
        let state = try await state(notOlderThan: .zero)
        let handle = watched[deployment.instanceID]?.handle ?? RayHandle(application: name, startedAt: now())
        watch(deployment, handle)
        if let application = state[name], application.condition != .leaving {
            guard isOurs(application) else {
                throw Failure(.nameTaken, "the cluster has an application \(name) that is not of this installation")
            }
        } else if preparations[deployment.instanceID]?.failure != nil || preparations[deployment.instanceID] == nil {
            prepare(deployment)
        }
        return handle.persistent
    }

    public func observe(
        _ deployment: Deployment, _ handle: RuntimeHandle
    ) async throws(Failure) -> Observation {
        let known =
            RayHandle(handle)
            ?? RayHandle(
                application: configuration(deployment).name.description, startedAt: now())
        watch(deployment, known)
        if let preparation = preparations[deployment.instanceID] {
            let state: Observation.State = preparation.failure.map { .failed($0) } ?? .preparing
            return tell(Observation(state, handle: known.persistent, message: preparation.message), deployment)
        }
        do throws(Failure) {
            let state = try await state(notOlderThan: settings.interval)
            return tell(observation(of: deployment, handleAfterAbsence(known, deployment), in: state), deployment)
        } catch {
            noteAbsence()
            throw error
        }
    }

    public func recover(
        _ deployment: Deployment, _ handle: RuntimeHandle
    ) async throws(Failure) -> Observation {
        try await observe(deployment, handle)
    }

    public func letGo(of isTheirs: @Sendable (ModelServiceID) -> Bool) async {
        for (instance, watched) in watched where isTheirs(watched.deployment.serviceID) {
            giveUpPreparing(instance)
            self.watched[instance] = nil
        }
    }

    public func deployed() async -> [DeployedInstance] {
        guard let state = try? await book.state(notOlderThan: settings.interval) else { return [] }
        return state.applications.compactMap { application in
            guard application.condition != .leaving, isOurs(application),
                let instance = ApplicationName.instance(of: application.name)
            else { return nil }
            return DeployedInstance(instanceID: instance, since: application.deployedAt ?? now())
        }
    }

    public func scale(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) {
        guard deployment.options.autoscaling == nil else { return }
        let name = configuration(deployment).name.description
        let state = try await state(notOlderThan: .zero)
        guard let application = state[name], let declared = application.declared, isOurs(application) else {
            throw Failure(.removedFromCluster, "there is no application \(name) on the cluster to be scaled")
        }
        guard let scaled = ApplicationConfiguration.scaled(declared, to: deployment.replicas) else {
            // Not built yet: the number goes into it once it is.
            return
        }
        do throws(ServeError) {
            try await book.write(name, .declare(scaled), patience: Self.scalePatience)
        } catch {
            throw error.failure
        }
    }

    public func remove(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?
    ) async throws(Failure) -> Removal {
        giveUpPreparing(instance)
        guard preparations[instance] == nil else { return .inProgress }
        watched[instance] = nil
        let state = try await state(notOlderThan: .zero)
        guard preparations[instance] == nil else { return .inProgress }
        let ours = state.applications.filter { application in
            ApplicationName.instance(of: application.name) == instance
                && (application.condition == .leaving || isOurs(application))
        }
        for application in ours where application.condition != .leaving { withdraw(application.name) }
        return ours.isEmpty && !isBusy(instance) ? .gone : .inProgress
    }

    /// Serve keeps its logs on the nodes and hands out none. What it says of the deployments is there for as long as
    /// the application is.
    public func logs(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, lines: Int
    ) async throws(Failure) -> [String] {
        let state = try await state(notOlderThan: settings.interval)
        let application = state.applications.first { ApplicationName.instance(of: $0.name) == instance && isOurs($0) }
        return application.map { Array($0.words.suffix(lines)) } ?? []
    }

    public func discard(_ instance: ModelServiceInstanceID) async {
        giveUpPreparing(instance)
        watched[instance] = nil
    }

    public nonisolated func changes() -> AsyncStream<ModelServiceID> { changed }

    func configuration(_ deployment: Deployment) -> ApplicationConfiguration {
        ApplicationConfiguration(deployment, installation: settings.installation)
    }

    func isOurs(_ application: ServeApplication) -> Bool {
        application.declared.map { ApplicationConfiguration.isMarked($0, installation: settings.installation) } ?? false
    }

    func time() -> Timestamp { now() }

    private func state(notOlderThan age: Duration) async throws(Failure) -> ServeState {
        do throws(ServeError) {
            return try await book.state(notOlderThan: age)
        } catch {
            throw error.failure
        }
    }
}

extension ServeError {
    /// What it means for an instance. A fault of Ray's own is none of the instance.
    var failure: Failure {
        switch self {
        case .unreachable, .faulty, .unreadable: Failure(.runtimeUnreachable, message)
        case .refused: Failure(.deployRefused, message)
        }
    }
}
