import Domain
import FakeKubernetes
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Observability
import RuntimeConformance
import TestSupport
import Testing

@testable import KubeRayRuntime

@Suite(.timeLimit(.minutes(5)))
struct KubeRayRuntimeTests {
    @Test(arguments: RuntimeConformance.allCases)
    func doesWhatEveryRuntimeMust(_ test: RuntimeConformance) async throws {
        try await KubeRayWorld.run { try await test.check($0) }
    }

    @Test(arguments: ClusterConformance.allCases)
    func doesWhatEveryClusterMust(_ test: ClusterConformance) async throws {
        try await KubeRayWorld.run { try await test.check($0) }
    }

    @Test func scalesInPlaceAndStaysInTheRoutes() async throws {
        try await KubeRayWorld.run { world in
            let runtime = world.runtime()
            let one = KubeRayFixtures.deployment()
            let handle = try await Self.ready(one, runtime)
            let two = KubeRayFixtures.deployment(replicas: 2, instance: one.instanceID.uuid)
            try await runtime.scale(two, handle)
            try await runtime.scale(two, handle)
            let seen = try await runtime.until(two, handle) { $0.replicas?.wanted == 2 && $0.state == .ready }
            #expect(seen.replicas?.wanted == 2)
            #expect(await world.starts(of: one.instanceID) == 1)
        }
    }

    @Test func leavesAnotherInstallationsObjectAlone() async throws {
        try await KubeRayWorld.run { world in
            let runtime = world.runtime()
            let deployment = KubeRayFixtures.deployment()
            let name = ObjectName(deployment).description
            world.server.put(.rayService, name, ["metadata": ["labels": ["team": "others"]], "spec": ["theirs": true]])
            do throws(Failure) {
                _ = try await runtime.deploy(deployment)
                Issue.record("it was taken over")
            } catch {
                #expect(error.reason == .nameTaken)
            }
            let removal = try await runtime.remove(deployment.instanceID, nil)
            #expect(removal == .gone)
            #expect(world.server.object(.rayService, name)?.spec?["theirs"] == true)
        }
    }

    @Test func hearsNothingWhileTheClusterIsAway() async throws {
        try await KubeRayWorld.run { world in
            let runtime = world.runtime()
            let deployment = KubeRayFixtures.deployment()
            let handle = try await Self.ready(deployment, runtime)
            await world.server.stop()
            #expect(try await runtime.untilAway(deployment, handle).reason == .runtimeUnreachable)
            try await world.server.start()
            _ = try await runtime.until(deployment, handle, mayBeAway: true) { $0.state == .ready }
        }
    }

    /// However many there are, one list and one watch for each kind tell of them all.
    @Test func hundredsCostOneListAndOneWatch() async throws {
        try await KubeRayWorld.run { world in
            let runtime = world.runtime()
            let first = KubeRayFixtures.deployment()
            _ = try await Self.ready(first, runtime)
            var deployments: [Deployment] = []
            for _ in 0..<200 {
                let deployment = KubeRayFixtures.deployment()
                deployments.append(deployment)
                let manifest = KubeRayFixtures.manifest(deployment)
                world.server.put(.rayService, manifest.name, manifest.value)
            }
            for deployment in deployments {
                let name = KubeRayFixtures.manifest(deployment).name
                let handle = ClusterHandle(name: name, startedAt: SystemClock.now()).persistent
                _ = try await runtime.until(deployment, handle) { $0.state == .ready }
            }
            #expect(world.server.count("list rayservices.ray.io") == 1)
            #expect(world.server.count("watch rayservices.ray.io") == 1)
            #expect(world.server.count("get rayservices.ray.io") == 1, "only the one that was deployed")
        }
    }

    /// Deployed again under its name while the watch still has the one before.
    @Test func looksAtWhatWasJustWritten() async throws {
        try await KubeRayWorld.run { world in
            let runtime = world.runtime()
            let deployment = KubeRayFixtures.deployment()
            let handle = try await Self.ready(deployment, runtime)
            let gate = Gate()
            world.server.configure { behaviour in
                behaviour.intercept = { right in
                    if right == "watch rayservices.ray.io" { await gate.wait() }
                    return nil
                }
            }
            world.server.cutWatches()
            try await runtime.untilGone(deployment.instanceID, handle)
            let again = try await runtime.deploy(deployment)
            #expect(try await runtime.observe(deployment, again).state == .preparing)
            await gate.open()
            _ = try await runtime.until(deployment, again) { $0.state == .ready }
        }
    }

    @Test func saysWhatIsMissing() async throws {
        try await KubeRayWorld.run { world in
            let runtime = world.runtime()
            #expect(await runtime.probe() == .available)
            world.server.configure { $0.kinds.remove(.rayService) }
            #expect(await runtime.probe() == .unavailable("KubeRay is not installed on the cluster"))
        }
    }

    private static func ready(_ deployment: Deployment, _ runtime: KubeRayRuntime) async throws -> RuntimeHandle {
        let handle = try await runtime.deploy(deployment)
        return try await runtime.until(deployment, handle) { $0.state == .ready }.handle
    }
}
