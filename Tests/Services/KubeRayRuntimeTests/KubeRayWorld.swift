import Domain
import EventLoop
import FakeKubernetes
import HTTP
import HTTPClient
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Observability
import RuntimeConformance
import Synchronization
import TestSupport

@testable import KubeRayRuntime

/// A cluster whose operator turns RayServices into applications as their images say.
final class KubeRayWorld: RuntimeWorld {
    let server = FakeAPIServer()
    let player: OperatorPlayer
    let client: KubernetesClient
    private let group = EventLoopGroup(count: 1)
    private let playing: Task<Void, Never>
    private let running = Mutex<[ObjectIdentifier: Task<Void, Never>]>([:])

    init() async throws {
        try await server.start()
        let player = OperatorPlayer(server)
        self.player = player
        playing = Task { await player.run() }
        guard let origin = HTTPOrigin(server.url) else { throw NoOrigin() }
        client = KubernetesClient(
            KubernetesConfiguration(server: origin, namespace: FakeAPIServer.namespace),
            transport: CurlClient(group: group), now: SystemClock.now)
    }

    struct NoOrigin: Error {}

    static func run(_ body: (KubeRayWorld) async throws -> Void) async throws {
        let world = try await KubeRayWorld()
        let result: Result<Void, any Error>
        do { result = .success(try await body(world)) } catch { result = .failure(error) }
        world.playing.cancel()
        for task in world.running.withLock({ $0.values }) { task.cancel() }
        await world.server.shutDown()
        await world.group.shutdown()
        try result.get()
    }

    func begin() async throws -> any Runtime { runtime() }

    func runtime() -> KubeRayRuntime {
        var timing = ResourceCacheTiming(now: SystemClock.now)
        timing.shortestWait = .milliseconds(5)
        timing.longestWait = .milliseconds(50)
        let runtime = KubeRayRuntime(
            KubeRayRuntime.Settings(installation: "test"), client: client, timing: timing,
            logger: Logger(sink: RecordingLogSink(), now: SystemClock.now))
        let task = Task { await runtime.run() }
        running.withLock { $0[ObjectIdentifier(runtime)] = task }
        return runtime
    }

    func crash(_ runtime: any Runtime) async {
        guard let runtime = runtime as? KubeRayRuntime,
            let task = running.withLock({ $0.removeValue(forKey: ObjectIdentifier(runtime)) })
        else { return }
        task.cancel()
        await task.value
    }

    func deployment(_ behaviour: EngineBehaviour) async throws -> Deployment {
        switch behaviour {
        case .healthy: KubeRayFixtures.deployment()
        case .neverHealthy:
            KubeRayFixtures.deployment {
                $0.image = OperatorPlayer.silentImage
                $0.startSeconds = 1
            }
        case .endsAtOnce: KubeRayFixtures.deployment { $0.image = OperatorPlayer.endingImage }
        }
    }

    private func services(of instance: ModelServiceInstanceID) -> [KubernetesObject] {
        server.objects(.rayService).filter { Ownership.instance(of: $0) == instance }
    }

    /// Somebody deletes it behind our back.
    func killEngine(of instance: ModelServiceInstanceID) async throws {
        for service in services(of: instance) { server.delete(.rayService, service.name) }
    }

    func hasLeftovers(of instance: ModelServiceInstanceID) async -> Bool {
        !services(of: instance).isEmpty
            || server.objects(.pod).contains { Ownership.instance(of: $0) == instance }
    }

    func starts(of instance: ModelServiceInstanceID) async -> Int { player.count(instance.description) }
}
