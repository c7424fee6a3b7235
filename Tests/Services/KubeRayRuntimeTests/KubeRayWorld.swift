import Domain
import FakeKubernetes
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Observability
import RuntimeConformance
import TestSupport

@testable import KubeRayRuntime

/// A cluster whose operator turns RayServices into applications as their images say.
final class KubeRayWorld: RuntimeWorld {
    let cluster: FakeCluster
    let player: OperatorPlayer
    let running = RunningRuntimes()
    private let playing: Task<Void, Never>

    var server: FakeAPIServer { cluster.server }

    init() async throws {
        cluster = try await FakeCluster()
        let player = OperatorPlayer(cluster.server)
        self.player = player
        playing = Task { await player.run() }
    }

    static func run(_ body: (KubeRayWorld) async throws -> Void) async throws {
        let world = try await KubeRayWorld()
        let result: Result<Void, any Error>
        do { result = .success(try await body(world)) } catch { result = .failure(error) }
        world.playing.cancel()
        world.running.endAll()
        await world.cluster.shutDown()
        try result.get()
    }

    func begin() async throws -> any Runtime { runtime() }

    func runtime() -> KubeRayRuntime {
        let runtime = KubeRayRuntime(
            KubeRayRuntime.Settings(installation: "test"), client: cluster.client, timing: FakeCluster.timing,
            logger: Logger(sink: RecordingLogSink(), now: SystemClock.now))
        running.begin(runtime) { await runtime.run() }
        return runtime
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
