import Domain
import FakeKubernetes
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Observability
import RuntimeConformance
import TestSupport

@testable import KubernetesRuntime

/// A cluster in which pods come up as their images say.
final class KubernetesWorld: RuntimeWorld {
    let cluster: FakeCluster
    let player: PodPlayer
    /// Pods are put on a node by name, without a Deployment.
    let isEdge: Bool
    let running = RunningRuntimes()
    private let playing: Task<Void, Never>

    var server: FakeAPIServer { cluster.server }

    init(isEdge: Bool = false) async throws {
        self.isEdge = isEdge
        cluster = try await FakeCluster()
        let player = PodPlayer(cluster.server, label: Ownership.instanceLabel)
        self.player = player
        playing = Task { await player.run() }
    }

    private func shutDown() async {
        playing.cancel()
        running.endAll()
        await cluster.shutDown()
    }

    /// Runs a test in a world of its own.
    static func run(isEdge: Bool = false, _ body: (KubernetesWorld) async throws -> Void) async throws {
        let world = try await KubernetesWorld(isEdge: isEdge)
        let result: Result<Void, any Error>
        do { result = .success(try await body(world)) } catch { result = .failure(error) }
        await world.shutDown()
        try result.get()
    }

    func begin() async throws -> any Runtime { runtime() }

    func runtime(installation: String = "test") -> KubernetesRuntime {
        let runtime = KubernetesRuntime(
            KubernetesRuntime.Settings(installation: installation, timing: FakeCluster.timing),
            client: cluster.client,
            logger: Logger(sink: RecordingLogSink(), now: SystemClock.now))
        running.begin(runtime) { await runtime.run() }
        return runtime
    }

    func deployment(_ behaviour: EngineBehaviour) async throws -> Deployment {
        switch behaviour {
        case .healthy: Self.deployment(image: PodPlayer.healthyImage, isEdge: isEdge)
        case .neverHealthy: Self.deployment(image: PodPlayer.silentImage, isEdge: isEdge) { $0.startSeconds = 1 }
        case .endsAtOnce: Self.deployment(image: PodPlayer.endingImage, isEdge: isEdge)
        }
    }

    static func deployment(
        image: String, isEdge: Bool = false, replicas: Int = 1, name: String = "tiny-chat",
        instance: UUIDv7? = nil, _ edit: (inout RuntimeOptions) -> Void = { _ in }
    ) -> Deployment {
        var options = RuntimeOptions()
        options.image = image
        options.command = ["serve", "--model={model_path}", "--port={port}"]
        if isEdge { options.nodeName = PodPlayer.node }
        edit(&options)
        let id = instance ?? UUIDv7(high: .random(in: 1...UInt64.max), low: .random(in: 1...UInt64.max))
        return Deployment(
            serviceID: ModelServiceID(UUIDv7(high: 2, low: .random(in: 1...UInt64.max))),
            serviceName: ServiceName(name) ?? fallbackName, instanceID: ModelServiceInstanceID(id), revision: 1,
            model: ResolvedModel(
                modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1,
                fileURL: "https://models.example/tiny/weights.gguf", sha256: String(repeating: "a", count: 64)),
            requirements: ResourceRequirements(gpuDevices: 1, cpuMillicores: 500, memoryMebibytes: 2048),
            replicas: replicas, options: options)
    }

    static var fallbackName: ServiceName { preconditionFailure("not a service's name") }

    func objects(of instance: ModelServiceInstanceID) -> [KubernetesObject] {
        [KubernetesKind.deployment, .pod, .service].flatMap { kind in
            server.objects(kind).filter { Ownership.instance(of: $0) == instance }
        }
    }

    func killEngine(of instance: ModelServiceInstanceID) async throws {
        for pod in server.objects(.pod) where Ownership.instance(of: pod) == instance {
            player.crash(pod.name, exitCode: 137)
        }
    }

    func hasLeftovers(of instance: ModelServiceInstanceID) async -> Bool { !objects(of: instance).isEmpty }

    func starts(of instance: ModelServiceInstanceID) async -> Int { player.count(instance.description) }
}
