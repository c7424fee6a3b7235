import Domain
import FakeKubernetes
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import RuntimeConformance
import Testing

@testable import KubernetesRuntime

@Suite(.timeLimit(.minutes(2)))
struct KubernetesRuntimeTests {
    @Test func neverTouchesWhatIsNotOurs() async throws {
        try await KubernetesWorld.run { world in
            let deployment = KubernetesWorld.deployment(image: PodPlayer.healthyImage)
            let name = ObjectName(deployment).description
            for kind in [KubernetesKind.service, .deployment] {
                world.server.put(kind, name, ["metadata": ["labels": ["app": "theirs"]], "spec": [:]])
                let runtime = world.runtime()
                let failure = await #expect(throws: Failure.self) { try await runtime.deploy(deployment) }
                #expect(failure?.reason == .nameTaken)
                #expect(world.objects(of: deployment.instanceID).isEmpty)
                let removal = try await runtime.remove(deployment.instanceID, nil)
                #expect(removal == .gone)
                #expect(world.server.object(kind, name) != nil)
                world.server.delete(kind, name)
                await world.crash(runtime)
            }
        }
    }

    @Test func leavesAnotherInstallationAlone() async throws {
        try await KubernetesWorld.run { world in
            let deployment = KubernetesWorld.deployment(image: PodPlayer.healthyImage)
            let theirs = world.runtime(installation: "theirs")
            _ = try await theirs.deploy(deployment)
            let ours = world.runtime()
            let failure = await #expect(throws: Failure.self) { try await ours.deploy(deployment) }
            #expect(failure?.reason == .nameTaken)
            let removal = try await ours.remove(deployment.instanceID, nil)
            #expect(removal == .gone)
            #expect(await ours.deployed().isEmpty)
            #expect(world.objects(of: deployment.instanceID).count >= 2)
        }
    }

    @Test func keepsItsWordsWhileTheClusterIsAway() async throws {
        try await KubernetesWorld.run { world in
            let runtime = world.runtime()
            let deployment = KubernetesWorld.deployment(image: PodPlayer.healthyImage)
            let ready = try await ready(deployment, runtime)
            await world.server.stop()
            #expect(try await runtime.untilAway(deployment, ready.handle).reason == .runtimeUnreachable)
            let other = KubernetesWorld.deployment(image: PodPlayer.healthyImage)
            let failure = await #expect(throws: Failure.self) { try await runtime.deploy(other) }
            #expect(failure?.reason == .runtimeUnreachable)
            guard case .unavailable = await runtime.probe() else {
                Issue.record("available")
                return
            }
            try await world.server.start()
            let back = try await runtime.until(deployment, ready.handle, mayBeAway: true) { $0.state == .ready }
            #expect(back.url == ready.url)
            #expect(await runtime.probe() == .available)
        }
    }

    @Test func scalesInPlace() async throws {
        try await KubernetesWorld.run { world in
            let runtime = world.runtime()
            let id = UUIDv7(high: 7, low: 7)
            func wanted(_ replicas: Int) -> Deployment {
                KubernetesWorld.deployment(image: PodPlayer.healthyImage, replicas: replicas, instance: id)
            }
            let first = try await ready(wanted(1), runtime)
            #expect(first.replicas == ReplicaCount(wanted: 1, present: 1, ready: 1))
            for count in [3, 1, 2] {
                try await runtime.scale(wanted(count), first.handle)
                try await runtime.scale(wanted(count), first.handle)
                _ = try await runtime.until(wanted(count), first.handle) { observation in
                    observation.state == .ready
                        && observation.replicas == ReplicaCount(wanted: count, present: count, ready: count)
                }
            }
            #expect(world.server.objects(.deployment).count == 1)
            world.server.delete(.deployment, ObjectName(wanted(1)).description)
            let failure = await #expect(throws: Failure.self) { try await runtime.scale(wanted(2), first.handle) }
            #expect(failure?.reason == .removedFromCluster)
        }
    }

    @Test func makesALostServiceAgain() async throws {
        try await KubernetesWorld.run { world in
            let runtime = world.runtime()
            let deployment = KubernetesWorld.deployment(image: PodPlayer.healthyImage)
            let ready = try await ready(deployment, runtime)
            let name = ObjectName(deployment).description
            world.server.delete(.service, name)
            while world.server.object(.service, name) == nil {
                _ = try await runtime.observe(deployment, ready.handle)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(ready.url == "http://\(name).models.svc:8000")
        }
    }

    @Test func aDeploymentThatSomebodyRemovedIsAbsent() async throws {
        try await KubernetesWorld.run { world in
            let runtime = world.runtime()
            let deployment = KubernetesWorld.deployment(image: PodPlayer.healthyImage)
            let ready = try await ready(deployment, runtime)
            world.server.delete(.deployment, ObjectName(deployment).description)
            _ = try await runtime.until(deployment, ready.handle) { $0.state == .absent }
        }
    }

    @Test func namesTheRightsThatAreMissing() async throws {
        try await KubernetesWorld.run { world in
            world.server.configure { $0.denied = ["create services", "get pods/log"] }
            let runtime = world.runtime()
            guard case .unavailable(let reason) = await runtime.probe() else {
                Issue.record("available")
                return
            }
            #expect(reason.contains("create services, get pods/log"))
            let deployment = KubernetesWorld.deployment(image: PodPlayer.healthyImage)
            let failure = await #expect(throws: Failure.self) { try await runtime.deploy(deployment) }
            #expect(failure?.reason == .permissionDenied)
        }
    }

    @Test(arguments: [
        ("pods \"x\" is forbidden: exceeded quota: gpus, requested: 1", FailureReason.insufficientCapacity),
        ("pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\"", .deployRefused),
    ])
    func explainsWhyNoPodCanBeMade(_ message: String, _ reason: FailureReason) async throws {
        try await KubernetesWorld.run { world in
            let runtime = world.runtime()
            let deployment = KubernetesWorld.deployment(image: PodPlayer.silentImage)
            let handle = try await runtime.deploy(deployment)
            let condition: JSONValue = [
                "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": .string(message),
            ]
            world.server.setStatus(
                .deployment, ObjectName(deployment).description, ["conditions": [condition]])
            let seen = try await runtime.until(deployment, handle) { $0.failure != nil }
            #expect(seen.failure?.reason == reason)
            #expect(seen.failure?.message.contains(message) == true)
        }
    }

    @Test func tellsTheEndOfTheLogOfWhatCrashes() async throws {
        try await KubernetesWorld.run { world in
            let runtime = world.runtime()
            let deployment = KubernetesWorld.deployment(image: PodPlayer.endingImage)
            let name = ObjectName(deployment).description
            world.server.configure { $0.logs["\(name)-1"] = "one\ntwo\nValueError: no such thing\n" }
            let handle = try await runtime.deploy(deployment)
            let seen = try await runtime.until(deployment, handle) { $0.failure != nil }
            #expect(seen.failure?.reason == .exitedBeforeReady)
            #expect(seen.failure?.message.contains("exit status 3") == true)
            #expect(seen.failure?.message.contains("ValueError: no such thing") == true)
            let end = try await runtime.logs(deployment.instanceID, handle, lines: 2)
            #expect(end == ["two", "ValueError: no such thing"])
        }
    }

    @Test func saysWhatHoldsUpAPodThatHasNothingToSay() async throws {
        try await KubernetesWorld.run { world in
            let runtime = world.runtime()
            let deployment = KubernetesWorld.deployment(image: PodPlayer.silentImage)
            _ = try await runtime.deploy(deployment)
            let name = "\(ObjectName(deployment))-1"
            while world.server.object(.pod, name) == nil { try await Task.sleep(for: .milliseconds(5)) }
            world.server.setStatus(.pod, name, ["phase": "Pending"])
            world.server.put(
                .event, "e1",
                [
                    "involvedObject": ["kind": "Pod", "name": .string(name)], "type": "Warning",
                    "reason": "FailedCreatePodSandBox", "message": "no network",
                ])
            let pod = try #require(world.server.object(.pod, name))
            // The pod's own time cannot be turned back, so the notes are asked as if it were later.
            let later = try #require(PodState(pod).createdAt) + .seconds(60)
            let notes = await PodNotes(world.cluster.client).notes(of: [PodState(pod)], at: later)
            #expect(notes == [name: "FailedCreatePodSandBox: no network"])
        }
    }

    @Test func watchesManyInstancesWithOneListOfEachKind() async throws {
        try await KubernetesWorld.run { world in
            let runtime = world.runtime()
            var instances: Set<ModelServiceInstanceID> = []
            for _ in 0..<100 {
                let deployment = KubernetesWorld.deployment(image: PodPlayer.healthyImage)
                _ = try await ready(deployment, runtime)
                instances.insert(deployment.instanceID)
            }
            try await runtime.untilDeployed(instances)
            for kind in ["deployments.apps", "pods", "services"] {
                #expect(world.server.count("list \(kind)") == 1)
                #expect(world.server.count("watch \(kind)") == 1)
            }
        }
    }

    private func ready(_ deployment: Deployment, _ runtime: KubernetesRuntime) async throws -> Observation {
        let handle = try await runtime.deploy(deployment)
        return try await runtime.until(deployment, handle) { $0.state == .ready }
    }
}

extension Observation {
    var failure: Failure? {
        if case .failed(let failure) = state { failure } else { nil }
    }
}
