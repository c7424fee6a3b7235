import Domain
import FoundationEssentials
import HTTP
import ModelFiles
import ModelServingCore
import Observability
import Subprocess

/// Runs engines as processes of this machine. They outlive this process, and are taken charge of again by the next.
public actor ProcessRuntime: Runtime {
    /// Between SIGTERM and SIGKILL.
    public static let defaultGrace: Duration = .seconds(10)

    public struct Settings: Sendable {
        /// Folder for model files and instances. Absolute, and always written the same: engines are known by it.
        public var dataFolder: String
        /// What engines should listen on: the placeholder `{host}`.
        public var engineHost = "127.0.0.1"
        /// Under which name the gateway reaches them.
        public var advertisedHost = "127.0.0.1"
        /// This machine's name.
        public var node = "localhost"
        public var modelFileLimitBytes = 256 << 30
        public var grace = ProcessRuntime.defaultGrace
        /// vLLM's program: a path, or a name that is looked for in `PATH`.
        public var vllm = "vllm"
        /// Of this process; engines get a few named variables of it.
        public var environment: [String: String]

        public init(dataFolder: String, environment: [String: String]) {
            self.dataFolder = dataFolder
            self.environment = environment
        }
    }

    private struct Engine {
        let supervisor: EngineSupervisor
        let serviceID: ModelServiceID
    }

    /// An instance that is taken down without anybody knowing more of it than its id.
    private enum Cleaning {
        case inProgress
        case done
    }

    public nonisolated let kind = RuntimeKind.process
    private let settings: Settings
    private let transport: any HTTPTransport
    private let cache: ModelFileCache
    private let ports: EnginePorts
    private let logger: Logger
    private let random: @Sendable () -> UInt64
    private let now: @Sendable () -> Timestamp
    private let marker: EngineMarker
    /// Children of this process that it does not watch any longer; they have to be waited for all the same.
    private var formerChildren: Set<ProcessIdentity> = []
    private var engines: [ModelServiceInstanceID: Engine] = [:]
    private var cleanings: [ModelServiceInstanceID: Cleaning] = [:]
    /// Work that goes on between calls; `run()` does it.
    private let jobs: AsyncStream<@Sendable () async -> Void>
    private let jobSink: AsyncStream<@Sendable () async -> Void>.Continuation
    private let changed: AsyncStream<ModelServiceID>
    private let changedSink: AsyncStream<ModelServiceID>.Continuation

    public init(
        _ settings: Settings, transport: any HTTPTransport, random: @escaping @Sendable () -> UInt64,
        now: @escaping @Sendable () -> Timestamp = SystemClock.now, logger: Logger
    ) {
        self.settings = settings
        self.transport = transport
        self.logger = logger
        self.random = random
        self.now = now
        marker = EngineMarker(dataFolder: settings.dataFolder)
        cache = ModelFileCache(
            data: settings.dataFolder,
            fetcher: ModelFileFetcher(transport: transport, limitBytes: settings.modelFileLimitBytes))
        ports = EnginePorts(random: random)
        (jobs, jobSink) = AsyncStream.makeStream()
        (changed, changedSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
    }

    /// Does what the other calls began, until `shutDown()`. Engines are left running.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for await job in jobs { group.addTask { await job() } }
            group.cancelAll()
        }
    }

    public nonisolated func shutDown() { jobSink.finish() }

    public func probe() async -> RuntimeProbe {
        do {
            try FileManager.default.createDirectory(
                atPath: settings.dataFolder + "/instances", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            return .available
        } catch {
            return .unavailable("cannot make the folder \(settings.dataFolder)/instances: \(error)")
        }
    }

    public nonisolated func problems(
        with model: ResolvedModel, _ configuration: ServiceConfiguration
    ) -> [FieldProblem] {
        ProcessRuntimeProblems(model, configuration).all
    }

    public func deploy(_ deployment: Deployment) async throws(Failure) -> RuntimeHandle {
        if let engine = engines[deployment.instanceID] { return await engine.supervisor.observation.handle }
        if let found = marker.engines(of: deployment.instanceID).first {
            let handle = EngineHandle(process: found.process, port: found.port)
            return try await supervise(deployment, handle).handle
        }
        return try await supervise(deployment, EngineHandle()).handle
    }

    public func observe(
        _ deployment: Deployment, _ handle: RuntimeHandle
    ) async throws(Failure) -> Observation {
        guard let engine = engines[deployment.instanceID] else { return try await recover(deployment, handle) }
        return located(await engine.supervisor.observation)
    }

    public func recover(
        _ deployment: Deployment, _ handle: RuntimeHandle
    ) async throws(Failure) -> Observation {
        if let engine = engines[deployment.instanceID] { return located(await engine.supervisor.observation) }
        var known = EngineHandle(handle)
        if let process = known.process, ProcessTable.isAlive(process) {
            return try await supervise(deployment, known)
        }
        // Started in the instant before this process ended, when nobody could write the handle any more.
        if let found = marker.engines(of: deployment.instanceID).first {
            known.process = found.process
            known.port = found.port ?? known.port
            return try await supervise(deployment, known)
        }
        guard known.process != nil else { return located(Observation(.absent, handle: handle)) }
        let folder = InstanceFolder(data: settings.dataFolder, instance: deployment.instanceID)
        let failure = Failure(
            .endedUnwatched, "the engine ended while nobody watched it\(lastWords(of: folder.log))")
        return located(Observation(.failed(failure), handle: handle))
    }

    public func letGo(of isTheirs: @Sendable (ModelServiceID) -> Bool) async {
        for (instance, engine) in engines where isTheirs(engine.serviceID) {
            engines[instance] = nil
            if let process = await engine.supervisor.letGo() { formerChildren.insert(process) }
        }
    }

    public func deployed() async -> [DeployedInstance] {
        formerChildren = formerChildren.filter { ProcessExit.statusIfEnded($0) == nil }
        return marker.deployed(at: now())
    }

    public func scale(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) {
        throw Failure(.internalFault, "an instance of the process runtime is one replica")
    }

    public func remove(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?
    ) async throws(Failure) -> Removal {
        if let engine = engines[instance] {
            engine.supervisor.remove()
            guard await engine.supervisor.isGone else { return .inProgress }
            engines[instance] = nil
            logger.info("an engine was taken down", ["instance_id": instance.description])
            return .gone
        }
        switch cleanings[instance] {
        case .inProgress: return .inProgress
        case .done:
            cleanings[instance] = nil
            return .gone
        case nil:
            cleanings[instance] = .inProgress
            let removal = EngineRemoval(of: instance, leader: EngineHandle(handle).process, marker: marker)
            let grace = settings.grace
            jobSink.yield {
                let isGone = await removal.run(grace: grace)
                await self.cleaned(instance, isGone: isGone)
            }
            return .inProgress
        }
    }

    private func cleaned(_ instance: ModelServiceInstanceID, isGone: Bool) {
        cleanings[instance] = isGone ? .done : nil
    }

    public func logs(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, lines: Int
    ) async throws(Failure) -> [String] {
        InstanceFolder(data: settings.dataFolder, instance: instance).log.lastLines(lines)
    }

    public func discard(_ instance: ModelServiceInstanceID) async {
        guard engines[instance] == nil else { return }
        InstanceFolder(data: settings.dataFolder, instance: instance).delete()
    }

    public nonisolated func changes() -> AsyncStream<ModelServiceID> { changed }

    private func supervise(_ deployment: Deployment, _ handle: EngineHandle) async throws(Failure) -> Observation {
        let definition = try definition(of: deployment)
        let launch = EngineLaunch(
            deployment: deployment, definition: definition,
            folder: InstanceFolder(data: settings.dataFolder, instance: deployment.instanceID), marker: marker,
            id: String(random(), radix: 16), environment: settings.environment, host: settings.engineHost)
        let (host, sink) = (settings.advertisedHost, changedSink)
        let supervisor = EngineSupervisor(
            launch, handle: handle, grace: settings.grace, cache: cache, ports: ports, transport: transport,
            url: { "http://\(host):\($0)" }, report: { sink.yield(deployment.serviceID) })
        if let process = handle.process { formerChildren.remove(process) }
        engines[deployment.instanceID] = Engine(supervisor: supervisor, serviceID: deployment.serviceID)
        jobSink.yield { await supervisor.run() }
        logger.info(
            handle.process == nil ? "an engine is being brought up" : "an engine that runs was taken charge of",
            ["service_id": deployment.serviceID.description, "instance_id": deployment.instanceID.description])
        return located(await supervisor.observation)
    }

    private func definition(of deployment: Deployment) throws(Failure) -> ModelDefinition {
        switch deployment.engine?.kind {
        case .vllm:
            guard let engine = deployment.engine else { break }
            return .vllm(deployment, engine, program: settings.vllm)
        case nil: break
        }
        guard let definition = deployment.model.definition.flatMap({ ModelDefinitionReader($0).definition }) else {
            throw Failure(.definitionInvalid, "the model definition file cannot be read any more")
        }
        return definition
    }

    private func located(_ observation: Observation) -> Observation {
        Observation(
            observation.state, handle: observation.handle, url: observation.url, node: settings.node,
            message: observation.message)
    }
}
