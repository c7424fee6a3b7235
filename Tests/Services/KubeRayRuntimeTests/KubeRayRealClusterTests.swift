import Domain
import EventLoop
import Foundation
import HTTPClient
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Observability
import TestSupport
import RuntimeConformance
import Testing

@testable import KubeRayRuntime

/// The runtime on a real API server with KubeRay's definitions. What its operator was seen to write is played back onto
/// the status of what we made.
@Suite(
    .serialized, .enabled(if: RealServers.folder != nil, "needs the servers that make test-kubernetes starts"),
    .timeLimit(.minutes(5)))
struct KubeRayRealClusterTests {
    static let deadline: Duration = .seconds(60)

    @Test(arguments: [
        "A-create-to-running chat-small", "C-newcluster-upgrade chat-small", "G-deploy-failed bad-app",
        "H-operator-validation min-gt-max", "I-suspend-resume chat-small", "J-initializing-timeout never",
        "K-incremental-upgrade inc", "L-unschedulable too-big", "M-head-pod-deleted tiny-cpu",
    ])
    func followsWhatTheOperatorWrites(lifecycle: String) async throws {
        let words = lifecycle.split(separator: " ").map(String.init)
        try await Self.run { runtime, admin in
            let deployment = KubeRayFixtures.deployment()
            var handle = try await runtime.deploy(deployment)
            let name = KubeRayFixtures.manifest(deployment).name
            for status in try Self.statuses(of: words[1], in: words[0]) {
                let object = try await admin.get(.rayService, name)
                try await Self.write(status, to: object, admin)
                let written = RayServiceState(try await admin.get(.rayService, name))
                let expected = RayServiceObservation(
                    deployment: deployment, namespace: admin.namespace, service: written, pods: [], warnings: [],
                    now: SystemClock.now()
                ).observation(try #require(ClusterHandle(handle))).state
                handle = try await runtime.until(deployment, handle) { $0.state == expected }.handle
            }
            try await runtime.untilGone(deployment.instanceID, nil)
        }
    }

    @Test func scalesAndGoesOnlyWhenTheOperatorLetsItGo() async throws {
        try await Self.run { runtime, admin in
            let deployment = KubeRayFixtures.deployment()
            var handle = try await runtime.deploy(deployment)
            let name = KubeRayFixtures.manifest(deployment).name
            _ = try await admin.merge(
                .rayService, name: name, ["metadata": ["finalizers": [.string(OperatorPlayer.finalizer)]]])
            let running = try #require(try Self.statuses(of: "chat-small", in: "A-create-to-running").last)
            try await Self.write(running, to: try await admin.get(.rayService, name), admin)
            handle = try await runtime.until(deployment, handle) { $0.state == .ready }.handle
            let more = KubeRayFixtures.deployment(replicas: 2, instance: deployment.instanceID.uuid, revision: 2)
            try await runtime.scale(more, handle)
            _ = try await runtime.until(more, handle) { $0.state == .ready && $0.replicas?.wanted == 2 }
            #expect(try await runtime.remove(deployment.instanceID, handle) == .inProgress)
            #expect(try await runtime.remove(deployment.instanceID, handle) == .inProgress)
            _ = try await admin.merge(.rayService, name: name, ["metadata": ["finalizers": nil]])
            try await runtime.untilGone(deployment.instanceID, nil)
        }
    }

    /// One list and one watch tell of all; the figures are printed for the record.
    @Test func aThousandAreFollowedAsOne() async throws {
        let count = 1000
        try await Self.run { runtime, admin in
            _ = await runtime.services.becomesCurrent(within: Self.deadline)
            let before = Self.usage()
            var deployments: [Deployment] = []
            for _ in 0..<count {
                let deployment = KubeRayFixtures.deployment()
                deployments.append(deployment)
                _ = try await admin.create(.rayService, KubeRayFixtures.manifest(deployment).value)
            }
            let last = try #require(deployments.last)
            let name = KubeRayFixtures.manifest(last).name
            let handle = ClusterHandle(name: name, startedAt: SystemClock.now()).persistent
            _ = try await runtime.until(last, handle) { $0.state == .preparing }
            let after = Self.usage()
            let running = try #require(try Self.statuses(of: "chat-small", in: "A-create-to-running").last)
            let clock = ContinuousClock()
            let object = try await admin.get(.rayService, name)
            let begin = clock.now
            try await Self.write(running, to: object, admin)
            _ = try await runtime.until(last, handle) { $0.state == .ready }
            let delay = clock.now - begin
            #expect(delay < .seconds(1), "\(delay)")
            let (memory, processor) = (after.bytes - before.bytes, after.seconds - before.seconds)
            print(
                "\(count) RayServices: \(memory >> 10) KiB, \(processor) s of CPU;",
                "ready \(delay) after the status was written")
            for deployment in deployments {
                _ = try await admin.delete(.rayService, name: KubeRayFixtures.manifest(deployment).name)
            }
        }
    }

    /// Those that the recording has of a service before it is deleted, one after the other.
    private static func statuses(of service: String, in lifecycle: String) throws -> [JSONValue] {
        var statuses: [JSONValue] = []
        for line in KubeRayFixtures.data("lifecycles.jsonl").split(separator: UInt8(ascii: "\n")) {
            let event = try JSONParser.parse(Array(line))
            guard event["lifecycle"]?.stringValue == lifecycle, let value = event["object"],
                value["kind"] == "RayService", value["metadata"]?["name"]?.stringValue == service,
                value["metadata"]?["deletionTimestamp"] == nil, var status = value["status"]?.objectValue
            else { continue }
            // Whether it speaks of the object as it is.
            let isCurrent = status["observedGeneration"] == value["metadata"]?["generation"]
            if status["observedGeneration"] != nil { status["observedGeneration"] = .integer(isCurrent ? 0 : 1) }
            statuses.append(.object(status))
        }
        return statuses
    }

    /// In place of the former status. `observedGeneration` in it is how far it is behind.
    private static func write(
        _ status: JSONValue, to object: KubernetesObject, _ admin: KubernetesClient
    ) async throws {
        guard var new = status.objectValue else { return }
        if let behind = new["observedGeneration"]?.integerValue {
            new["observedGeneration"] = .integer(object.generation - behind)
        }
        for name in object.status?.objectValue?.names ?? [] where new[name] == nil { new[name] = .null }
        for part in ["activeServiceStatus", "pendingServiceStatus"] {
            guard var value = new[part]?.objectValue else { continue }
            for name in object.status?[part]?.objectValue?.names ?? [] where value[name] == nil { value[name] = .null }
            new[part] = .object(value)
        }
        _ = try await admin.merge(.rayService, name: object.name, part: "status", ["status": .object(new)])
    }

    private static func run(
        _ body: (KubeRayRuntime, KubernetesClient) async throws -> Void
    ) async throws {
        let folder = try #require(RealServers.folder)
        let group = EventLoopGroup(count: 1)
        let transport = CurlClient(group: group)
        func client(_ name: String) throws -> KubernetesClient {
            let configuration = try KubernetesConfiguration.load(
                kubeconfig: "\(folder)/\(name).kubeconfig", namespace: "models", environment: [:])
            return KubernetesClient(configuration, transport: transport, now: SystemClock.now)
        }
        let runtime = KubeRayRuntime(
            KubeRayRuntime.Settings(installation: "test"), client: try client("slipway"),
            logger: Logger(sink: RecordingLogSink(), now: SystemClock.now))
        let task = Task { await runtime.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body(runtime, try client("admin"))) } catch { result = .failure(error) }
        task.cancel()
        await task.value
        await group.shutdown()
        try result.get()
    }

    /// Of this process.
    private static func usage() -> (bytes: Int, seconds: Double) {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        let resident = pages.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0
        return (resident * 4096, Double(clock()) / Double(CLOCKS_PER_SEC))
    }
}

/// Of `make test-kubernetes`.
enum RealServers {
    /// Where their kubeconfigs are.
    static let folder = ProcessInfo.processInfo.environment["SLIPWAY_TEST_KUBERNETES"]
}
