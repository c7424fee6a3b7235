import Domain
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Observability

/// Runs instances as a Deployment with a Service, or as one Pod on a node of the user's choice.
///
/// All that this process knows of an instance is on the cluster: nothing is lost with this process, and another can go
/// on in the middle. What is there is followed by one list and one watch for each kind of objects.
public final class KubernetesRuntime: Runtime {
    public struct Settings: Sendable {
        /// Tells the objects of installations on one cluster apart: a DNS label.
        public var installation: String
        public var images = ModelVolume.Images()
        /// When broken watches are tried again.
        public var timing: ResourceCacheTiming

        public init(installation: String, timing: ResourceCacheTiming) {
            self.installation = installation
            self.timing = timing
        }
    }

    /// What the account must be allowed; `deploy/kubernetes/role.yaml` grants it.
    public static let rights: [AccessRight] =
        [KubernetesKind.deployment, .service, .pod].flatMap { kind in
            ["get", "list", "watch", "create", "delete"].map { AccessRight($0, kind) }
        } + [AccessRight("patch", .deployment), AccessRight("get", .pod, part: "log"), AccessRight("list", .event)]

    public let kind = RuntimeKind.kubernetes
    let client: KubernetesClient
    let settings: Settings
    let owner: Ownership
    let deployments: ResourceCache<WorkloadState>
    let pods: ResourceCache<PodState>
    let services: ResourceCache<ServiceState>
    let notes: PodNotes
    private let logger: Logger
    private let end: AsyncStream<Never>.Continuation
    private let lifetime: AsyncStream<Never>
    private let changed: AsyncStream<ModelServiceID>
    private let changedSink: AsyncStream<ModelServiceID>.Continuation

    public init(_ settings: Settings, client: KubernetesClient, logger: Logger) {
        self.client = client
        self.settings = settings
        self.logger = logger
        owner = Ownership(installation: settings.installation)
        let labels = owner.selector
        deployments = ResourceCache(
            KubernetesQuery(.deployment, labels: labels), client: client, timing: settings.timing,
            project: WorkloadState.init, group: { $0.instance?.description })
        pods = ResourceCache(
            KubernetesQuery(.pod, labels: labels), client: client, timing: settings.timing,
            project: PodState.init, group: { $0.instance?.description })
        services = ResourceCache(
            KubernetesQuery(.service, labels: labels), client: client, timing: settings.timing,
            project: ServiceState.init, group: { $0.instance?.description })
        notes = PodNotes(client)
        (lifetime, end) = AsyncStream.makeStream()
        (changed, changedSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
    }

    /// Follows the cluster, until `shutDown()`. What runs there is left running.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in await deployments.run(logger: logger) }
            group.addTask { [self] in await pods.run(logger: logger) }
            group.addTask { [self] in await services.run(logger: logger) }
            let changes = (deployments.changes(), pods.changes(), services.changes())
            group.addTask { [changedSink] in await Self.tell(changes.0, changedSink) { $0.service } }
            group.addTask { [changedSink] in await Self.tell(changes.1, changedSink) { $0.service } }
            group.addTask { [changedSink] in await Self.tell(changes.2, changedSink) { $0.service } }
            group.addTask { [lifetime] in for await _ in lifetime {} }
            await group.next()
            group.cancelAll()
        }
    }

    private static func tell<Value: Sendable>(
        _ changes: AsyncStream<ResourceCache<Value>.Change>, _ sink: AsyncStream<ModelServiceID>.Continuation,
        _ service: @Sendable (Value) -> ModelServiceID?
    ) async {
        for await change in changes {
            switch change {
            case .changed(_, let value), .removed(_, let value): if let id = service(value) { sink.yield(id) }
            case .synced: continue
            }
        }
    }

    public func shutDown() { end.finish() }

    public func changes() -> AsyncStream<ModelServiceID> { changed }

    public func probe() async -> RuntimeProbe {
        do throws(KubernetesError) {
            _ = try await client.version()
            if let shortcoming = try await client.shortcoming(Self.rights) { return .unavailable(shortcoming) }
            return .available
        } catch {
            return .unavailable(error.message)
        }
    }

    public func problems(with model: ResolvedModel, _ configuration: ServiceConfiguration) -> [FieldProblem] {
        KubernetesProblems(model, configuration).problems
    }

    public func deploy(_ deployment: Deployment) async throws(Failure) -> RuntimeHandle {
        let manifests = manifests(deployment)
        // Before anything is made: a Service that is not ours would take no requests for it.
        let service = try await inCluster { () throws(KubernetesError) in
            try await client.find(.service, manifests.name)
        }
        try check(service, .service)
        var workload = try await inCluster { () throws(KubernetesError) in
            try await client.find(manifests.workloadKind, manifests.name)
        }
        try check(workload, manifests.workloadKind)
        if workload == nil {
            workload = try await create(manifests.workloadKind, manifests.name, manifests.workload)
        }
        if service == nil { _ = try await create(.service, manifests.name, manifests.service) }
        let startedAt = workload?.createdAt ?? settings.timing.now()
        return ClusterHandle(name: manifests.name, startedAt: startedAt).persistent
    }

    /// Creates an object; another process of ours may have done so just before.
    func create(
        _ kind: KubernetesKind, _ name: String, _ object: JSONValue
    ) async throws(Failure) -> KubernetesObject {
        do throws(KubernetesError) {
            return try await client.create(kind, object)
        } catch .alreadyExists {
            let found = try await inCluster { () throws(KubernetesError) in try await client.find(kind, name) }
            try check(found, kind)
            guard let found else { throw Failure(.runtimeUnreachable, "the \(kind.name) \(name) came and went") }
            return found
        } catch {
            throw error.failure
        }
    }

    /// What is there under our name must be ours, and must not be going.
    private func check(_ object: KubernetesObject?, _ kind: KubernetesKind) throws(Failure) {
        guard let object else { return }
        guard owner.owns(object) else {
            throw Failure(
                .nameTaken,
                "the namespace \(client.namespace) has a \(kind.name) \(object.name) that is not of this installation")
        }
        guard !object.isTerminating else {
            throw Failure(.runtimeUnreachable, "the \(kind.name) \(object.name) of before is still being removed")
        }
    }

    public func scale(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) {
        // A Pod on a node of its own is one replica; no other number passes the checks of a service.
        guard deployment.options.nodeName == nil else { return }
        let name = manifests(deployment).name
        do throws(KubernetesError) {
            guard let found = try await client.find(.deployment, name), owner.owns(found) else {
                throw .notFound("there is no Deployment \(name) in the namespace \(client.namespace)")
            }
            guard found.spec?["replicas"]?.integerValue != Int64(deployment.replicas) else { return }
            _ = try await client.merge(
                .deployment, name: name,
                [
                    "metadata": ["uid": .string(found.uid)],
                    "spec": ["replicas": .integer(Int64(deployment.replicas))],
                ])
        } catch .notFound(let message) {
            throw Failure(.removedFromCluster, message)
        } catch {
            throw error.failure
        }
    }

    public func letGo(of isTheirs: @Sendable (ModelServiceID) -> Bool) async {}

    public func discard(_ instance: ModelServiceInstanceID) async {}

    func manifests(_ deployment: Deployment) -> InstanceManifests {
        InstanceManifests(deployment, owner: owner, images: settings.images)
    }
}
