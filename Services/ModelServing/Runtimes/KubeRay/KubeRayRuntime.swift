import Domain
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Observability
import Synchronization

/// Runs instances as RayServices, which KubeRay's operator turns into Ray clusters with an application on each.
///
/// One instance is one RayService with the replicas inside. What this process knows of it can be read from the cluster
/// again: nothing is lost with this process. Looking costs no call: one list and one watch for each kind of object tell
/// of all instances of the installation.
public final class KubeRayRuntime: Runtime {
    public struct Settings: Sendable {
        /// Tells the objects of installations on one cluster apart.
        public var installation: String
        /// Those of the containers that fetch model files.
        public var images = ModelVolume.Images()

        public init(installation: String) { self.installation = installation }
    }

    /// How long the first list is waited for, once, by whoever asks before it is there.
    static let firstListDeadline: Duration = .seconds(10)
    /// How long what was just written is believed before the watch tells of it.
    static let writeMemory: Duration = .seconds(30)
    /// After this long an object that does not go is worth a word in the log.
    static let removalPatience: Duration = .seconds(60)

    public let kind = RuntimeKind.kuberay
    let settings: Settings
    let ownership: Ownership
    let client: KubernetesClient
    let logger: Logger
    let now: @Sendable () -> Timestamp
    let services: ResourceCache<RayServiceState>
    let pods: ResourceCache<PodState>
    let warnings: ResourceCache<RayServiceWarning>
    private let written = Mutex<[String: (state: RayServiceState, at: Timestamp)]>([:])
    let complaints = Mutex<[String: Timestamp]>([:])
    private let changed: AsyncStream<ModelServiceID>
    private let changedSink: AsyncStream<ModelServiceID>.Continuation
    private let end: AsyncStream<Void>
    private let ender: AsyncStream<Void>.Continuation

    public init(
        _ settings: Settings, client: KubernetesClient, timing: ResourceCacheTiming? = nil,
        now: @escaping @Sendable () -> Timestamp = SystemClock.now, logger: Logger
    ) {
        self.settings = settings
        self.client = client
        self.logger = logger
        self.now = now
        let ownership = Ownership(installation: settings.installation)
        self.ownership = ownership
        let timing = timing ?? ResourceCacheTiming(now: now)
        services = ResourceCache(
            KubernetesQuery(.rayService, labels: ownership.selector), client: client, timing: timing,
            project: { RayServiceState($0) })
        pods = ResourceCache(
            KubernetesQuery(.pod, labels: ownership.selector), client: client, timing: timing,
            project: { PodState($0) }, group: { $0.instance?.description })
        warnings = ResourceCache(
            KubernetesQuery(.event, fieldSelector: "type=Warning,involvedObject.kind=RayService"), client: client,
            timing: timing, project: { RayServiceWarning($0) }, group: { $0.object })
        (changed, changedSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
        (end, ender) = AsyncStream.makeStream()
    }

    /// Watches the cluster until `shutDown()`. What runs there goes on.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.services.run(logger: self.logger) }
            group.addTask { await self.pods.run(logger: self.logger) }
            group.addTask { await self.warnings.run(logger: self.logger) }
            group.addTask { await self.tellOfServices() }
            group.addTask { await self.tellOfPods() }
            for await _ in end {}
            group.cancelAll()
        }
    }

    public func shutDown() { ender.finish() }

    private func tellOfServices() async {
        for await change in services.changes() {
            switch change {
            case .changed(let name, let state):
                written.withLock { _ = $0.removeValue(forKey: name) }
                tell(state.service)
            case .removed(let name, let state):
                written.withLock { _ = $0.removeValue(forKey: name) }
                tell(state.service)
            case .synced: break
            }
        }
    }

    private func tellOfPods() async {
        for await change in pods.changes() {
            switch change {
            case .changed(_, let pod), .removed(_, let pod): tell(pod.service)
            case .synced: break
            }
        }
    }

    private func tell(_ service: ModelServiceID?) {
        if let service { changedSink.yield(service) }
    }

    public func changes() -> AsyncStream<ModelServiceID> { changed }

    /// What the installation needs to be allowed in its namespace.
    public static let rights: [AccessRight] =
        ["get", "list", "watch", "create", "patch", "delete"].map { AccessRight($0, .rayService) }
        + ["list", "watch"].map { AccessRight($0, .pod) } + [AccessRight("get", .pod, part: "log")]
        + ["list", "watch"].map { AccessRight($0, .event) }

    public func probe() async -> RuntimeProbe {
        do throws(KubernetesError) {
            if let shortcoming = try await client.shortcoming(Self.rights) { return .unavailable(shortcoming) }
            // Tells whether the cluster knows the kind at all.
            _ = try await client.find(.rayService, "slipway-probe")
            return .available
        } catch {
            if case .unknownKind = error { return .unavailable("KubeRay is not installed on the cluster") }
            return .unavailable("the cluster at \(client.server): \(error.message)")
        }
    }

    public func problems(with model: ResolvedModel, _ configuration: ServiceConfiguration) -> [FieldProblem] {
        KubeRayProblems(model, configuration).problems
    }

    private func manifest(_ deployment: Deployment) -> RayServiceManifest {
        RayServiceManifest(deployment: deployment, ownership: ownership, images: settings.images)
    }

    public func deploy(_ deployment: Deployment) async throws(Failure) -> RuntimeHandle {
        let manifest = manifest(deployment)
        var startedAt = now()
        if let there = try await inCluster({ () async throws(KubernetesError) in
            try await client.find(.rayService, manifest.name)
        }) {
            guard ownership.owns(there), Ownership.instance(of: there) == deployment.instanceID else {
                throw Failure(.nameTaken, "there is a RayService \(manifest.name) that is not of this installation")
            }
            guard !there.isTerminating else {
                throw Failure(.runtimeUnreachable, "the RayService \(manifest.name) is still being deleted")
            }
            startedAt = there.createdAt ?? startedAt
        }
        try await apply(manifest)
        return ClusterHandle(name: manifest.name, startedAt: startedAt).persistent
    }

    private func apply(_ manifest: RayServiceManifest) async throws(Failure) {
        let object = try await inCluster { () async throws(KubernetesError) in
            try await client.apply(.rayService, name: manifest.name, manifest.value)
        }
        // That it is there, and no more: what it does is told by the watch alone, in order.
        var bare = object.value.objectValue
        bare?["status"] = nil
        let entry = (state: RayServiceState(KubernetesObject(bare.map { .object($0) } ?? object.value)), at: now())
        written.withLock { $0[manifest.name] = entry }
    }

    public func observe(
        _ deployment: Deployment, _ handle: RuntimeHandle
    ) async throws(Failure) -> Observation {
        try await checkFreshness()
        let known = ClusterHandle(handle) ?? ClusterHandle(name: manifest(deployment).name, startedAt: now())
        let moment = now()
        return RayServiceObservation(
            deployment: deployment, namespace: client.namespace, service: service(known.name, at: moment),
            pods: pods.values(inGroup: deployment.instanceID.description),
            warnings: warnings.values(inGroup: known.name).sorted { $0.lastSeen < $1.lastSeen }, now: moment,
            heardSince: services.currentSince
        ).observation(known)
    }

    /// As the watch has it, unless what it has is the one before the one that was just written.
    private func service(_ name: String, at now: Timestamp) -> RayServiceState? {
        let (watched, written) = (services.value(name), recentlyWritten(name, at: now))
        guard let watched, written == nil || watched.uid == written?.uid else { return written }
        return watched
    }

    private func recentlyWritten(_ name: String, at now: Timestamp) -> RayServiceState? {
        written.withLock { written in
            guard let entry = written[name] else { return nil }
            if now - entry.at < Self.writeMemory { return entry.state }
            written[name] = nil
            return nil
        }
    }

    /// - Throws: `runtimeUnreachable`, if what is known of the cluster cannot be trusted.
    private func checkFreshness() async throws(Failure) {
        switch services.condition {
        case .current: break
        case .cutOff(_, let error): throw error.failure
        case .starting:
            guard await services.becomesCurrent(within: Self.firstListDeadline) else {
                throw Failure(.runtimeUnreachable, "the cluster at \(client.server) has not told yet what it has")
            }
        }
        // Only for words; a cluster that tells nothing of pods is bad enough to be heard of through the services.
        if pods.condition == .starting { _ = await pods.becomesCurrent(within: Self.firstListDeadline) }
    }

    public func recover(
        _ deployment: Deployment, _ handle: RuntimeHandle
    ) async throws(Failure) -> Observation {
        try await observe(deployment, handle)
    }

    /// Nothing is held for an instance.
    public func letGo(of isTheirs: @Sendable (ModelServiceID) -> Bool) async {}

    public func deployed() async -> [DeployedInstance] {
        guard services.condition == .current else { return [] }
        return services.values.values.compactMap { state in
            guard let instance = state.instance, !state.isTerminating else { return nil }
            return DeployedInstance(instanceID: instance, since: state.createdAt ?? now())
        }
    }

    public func scale(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) {
        let manifest = manifest(deployment)
        guard
            let there = try await inCluster({ () async throws(KubernetesError) in
                try await client.find(.rayService, manifest.name)
            }), ownership.owns(there), !there.isTerminating
        else {
            throw Failure(.removedFromCluster, "there is no RayService \(manifest.name) to be scaled")
        }
        try await apply(manifest)
    }

    public func discard(_ instance: ModelServiceInstanceID) async {}
}
