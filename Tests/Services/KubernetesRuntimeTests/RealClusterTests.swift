import Domain
import FakeKubernetes
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Observability
import TestSupport
import RuntimeConformance
import Testing

@testable import KubernetesRuntime

/// The runtime on a real API server with its controllers and scheduler, as the account that the shipped role describes.
/// What a kubelet does is played: no container runs.
@Suite(.serialized, .enabled(if: RealCluster.isThere, RealCluster.reason), .timeLimit(.minutes(5)))
struct RealClusterTests {
    @Test func comesUpScalesAndGoes() async throws {
        try await run { cluster, runtime in
            let id = UUIDv7(high: .random(in: 1...UInt64.max), low: .random(in: 1...UInt64.max))
            func wanted(_ replicas: Int) -> Deployment {
                KubernetesWorld.deployment(image: PodPlayer.healthyImage, replicas: replicas, instance: id)
            }
            #expect(await runtime.probe() == .available)
            let handle = try await runtime.deploy(wanted(1))
            _ = try await runtime.deploy(wanted(1))
            let ready = try await runtime.until(wanted(1), handle) { $0.state == .ready }
            #expect(ready.node == "fake-node-1")
            for count in [2, 1] {
                try await runtime.scale(wanted(count), ready.handle)
                _ = try await runtime.until(wanted(count), ready.handle) { observation in
                    observation.replicas == ReplicaCount(wanted: count, present: count, ready: count)
                }
            }
            try await RealCluster.restart(after: 1)
            _ = try await runtime.until(wanted(1), ready.handle, mayBeAway: true) { $0.state == .ready }
            try await runtime.untilGone(wanted(1).instanceID, nil, mayBeAway: true)
            for kind in [KubernetesKind.deployment, .pod, .service] {
                let query = KubernetesQuery(kind, labels: runtime.owner.selector(wanted(1).instanceID))
                let left = try await cluster.admin.list(query) { $0.name }.items
                #expect(left.isEmpty)
            }
        }
    }

    @Test func runsAPodOnTheNodeThatWasAskedFor() async throws {
        try await run { _, runtime in
            let deployment = KubernetesWorld.deployment(image: PodPlayer.healthyImage) { $0.nodeName = "fake-node-1" }
            let handle = try await runtime.deploy(deployment)
            let ready = try await runtime.until(deployment, handle) { $0.state == .ready }
            #expect(ready.node == "fake-node-1")
            try await runtime.untilGone(deployment.instanceID, nil)
        }
    }

    @Test func saysWhyNoNodeTakesIt() async throws {
        try await run { _, runtime in
            let deployment = KubernetesWorld.deployment(image: PodPlayer.healthyImage) { options in
                options.nodeSelector = ["zone": "nowhere"]
                options.startSeconds = 5
            }
            let handle = try await runtime.deploy(deployment)
            let waiting = try await runtime.until(deployment, handle) { $0.message?.contains("0/1 nodes") == true }
            #expect(waiting.state == .preparing)
            let failed = try await runtime.until(deployment, handle) { $0.failure != nil }
            #expect(failed.failure?.reason == .unschedulable)
            try await runtime.untilGone(deployment.instanceID, nil)
        }
    }

    private func run(_ body: (RealCluster, KubernetesRuntime) async throws -> Void) async throws {
        try await RealCluster.run { cluster in
            var timing = ResourceCacheTiming(now: SystemClock.now)
            timing.longestWait = .seconds(1)
            let runtime = KubernetesRuntime(
                KubernetesRuntime.Settings(installation: "real", timing: timing), client: cluster.slipway,
                logger: Logger(sink: RecordingLogSink(), now: SystemClock.now))
            let task = Task { await runtime.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body(cluster, runtime)) } catch { result = .failure(error) }
            task.cancel()
            await task.value
            try result.get()
        }
    }
}
