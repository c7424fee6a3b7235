import Domain
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Testing

@testable import KubeRayRuntime

/// What KubeRay 1.7's operator was seen to make of RayServices, followed event by event.
@Suite struct RayServiceObservationTests {
    struct Lifecycle: Sendable, CustomTestStringConvertible {
        let name: String
        let service: String
        var wasReady = false
        /// What is told one after the other, each once: a state, with words that are told with it.
        let told: [(state: String, words: String)]
        var testDescription: String { "\(name) \(service)" }
    }

    static let lifecycles: [Lifecycle] = [
        Lifecycle(
            name: "A-create-to-running", service: "chat-small",
            told: [
                ("preparing", "operator"), ("preparing", "initializing"), ("starting", "Ray brings"), ("ready", ""),
            ]),
        Lifecycle(name: "B-inplace-serveconfig", service: "chat-small", wasReady: true, told: [("ready", "")]),
        Lifecycle(name: "C-newcluster-upgrade", service: "chat-small", wasReady: true, told: [("ready", "")]),
        Lifecycle(name: "D-add-worker-group", service: "chat-small", wasReady: true, told: [("ready", "")]),
        Lifecycle(name: "E-replicas-only", service: "chat-small", wasReady: true, told: [("ready", "")]),
        Lifecycle(
            name: "F-delete", service: "chat-small", wasReady: true,
            told: [("RemovedFromCluster", "being deleted"), ("RemovedFromCluster", "not there any more")]),
        Lifecycle(
            name: "G-deploy-failed", service: "bad-app",
            told: [
                ("preparing", "operator"), ("preparing", "initializing"), ("starting", "Ray brings"),
                ("DeployFailed", "deploying app failed: model not found"), ("RemovedFromCluster", ""),
            ]),
        Lifecycle(
            name: "H-operator-validation", service: String(repeating: "a", count: 50),
            told: [
                ("preparing", ""), ("DeployRefused", "no more than 47 characters"), ("RemovedFromCluster", ""),
                ("absent", ""),
            ]),
        Lifecycle(
            name: "H-operator-validation", service: "upgrade-type",
            told: [
                ("preparing", ""), ("DeployRefused", "Rolling is invalid"), ("RemovedFromCluster", ""), ("absent", ""),
            ]),
        Lifecycle(
            name: "H-operator-validation", service: "min-gt-max",
            told: [
                ("preparing", ""), ("DeployRefused", "minReplicas 3 greater than maxReplicas 1"),
                ("RemovedFromCluster", ""),
            ]),
        Lifecycle(
            name: "H-operator-validation", service: "bad-yaml",
            told: [
                ("preparing", "operator"), ("preparing", "initializing"),
                ("DeployRefused", "error converting YAML to JSON"), ("RemovedFromCluster", ""), ("absent", ""),
            ]),
        // Nobody tells of these: only our own deadline ends them.
        Lifecycle(
            name: "H-operator-validation", service: "no-serve-port",
            told: [
                ("preparing", "operator"), ("preparing", "initializing"), ("starting", ""), ("RemovedFromCluster", ""),
                ("absent", ""),
            ]),
        Lifecycle(
            name: "H-operator-validation", service: "no-serveconfig",
            told: [
                ("preparing", "operator"), ("preparing", "initializing"), ("RemovedFromCluster", ""), ("absent", ""),
            ]),
        Lifecycle(
            name: "I-suspend-resume", service: "chat-small", wasReady: true,
            told: [
                ("ready", ""), ("Unhealthy", "uspend"), ("Unhealthy", "initializing"), ("Unhealthy", "Ray brings"),
                ("Unhealthy", ""), ("ready", ""),
            ]),
        Lifecycle(
            name: "J-initializing-timeout", service: "never",
            told: [
                ("preparing", "operator"), ("preparing", "initializing"),
                ("NeverHealthy", "within the configured timeout of 10s"), ("RemovedFromCluster", ""),
            ]),
        // `Ready` came six seconds before the application ran.
        Lifecycle(
            name: "K-incremental-upgrade", service: "inc",
            told: [
                ("preparing", "operator"), ("preparing", "initializing"), ("preparing", ""), ("starting", ""),
                ("ready", ""),
            ]),
        Lifecycle(
            name: "L-unschedulable", service: "too-big",
            told: [
                ("preparing", "operator"), ("preparing", "initializing"), ("preparing", "waiting for a node"),
                ("preparing", "Insufficient nvidia.com/gpu"), ("starting", ""), ("ready", ""),
                ("RemovedFromCluster", ""),
            ]),
        Lifecycle(
            name: "M-head-pod-deleted", service: "tiny-cpu", wasReady: true, told: [("Unhealthy", ""), ("ready", "")]),
    ]

    @Test(arguments: lifecycles)
    func isFollowedToItsEnd(lifecycle: Lifecycle) throws {
        var handle = ClusterHandle(name: lifecycle.service, startedAt: Timestamp(millisecondsSinceEpoch: 0))
        handle.wasReady = lifecycle.wasReady
        var told: [(state: String, words: String)] = []
        for observation in try observations(lifecycle, handle: &handle) {
            let (state, words) = Self.words(of: observation)
            if let last = told.last, last == (state, words) { continue }
            told.append((state, words))
        }
        // Several words of one step may stand for one entry of the table.
        var rest = lifecycle.told[...]
        for entry in told {
            if let next = rest.first, next.state == entry.state, entry.words.contains(next.words) {
                rest.removeFirst()
            } else {
                let isMore = lifecycle.told.dropLast(rest.count).last?.state == entry.state
                #expect(isMore, "\(entry) after \(lifecycle.told.dropLast(rest.count))")
            }
        }
        #expect(rest.isEmpty, "\(rest) of \(told)")
    }

    @Test(arguments: ["no-serve-port", "no-serveconfig"])
    func whatNobodyTellsOfEndsByOurOwnDeadline(service: String) throws {
        var lifecycle = Lifecycle(name: "H-operator-validation", service: service, told: [])
        lifecycle.wasReady = false
        var handle = ClusterHandle(name: service, startedAt: Timestamp(millisecondsSinceEpoch: 0))
        let late = Timestamp(millisecondsSinceEpoch: 1_800_001)
        let states = try observations(lifecycle, handle: &handle, now: late).map { Self.words(of: $0).state }
        #expect(states.first == "NeverHealthy", "\(states)")
    }

    @Test func timeForWhichTheClusterWasAwayIsNotHeldAgainstIt() {
        let deployment = KubeRayFixtures.deployment()
        let object = KubernetesObject(KubeRayFixtures.manifest(deployment).value)
        let handle = ClusterHandle(name: object.name, startedAt: Timestamp(millisecondsSinceEpoch: 0))
        func state(heardSince: Int64?) -> String {
            let seen = RayServiceObservation(
                deployment: deployment, namespace: "models", service: RayServiceState(object), pods: [], warnings: [],
                now: Timestamp(millisecondsSinceEpoch: 7_200_000),
                heardSince: heardSince.map { Timestamp(millisecondsSinceEpoch: $0) }
            ).observation(handle)
            return Self.words(of: seen).state
        }
        #expect(state(heardSince: 7_100_000) == "preparing")
        #expect(state(heardSince: 7_000_000) == "NeverHealthy")
        #expect(state(heardSince: nil) == "NeverHealthy")
    }

    @Test func countsReplicasOnlyWhereTheyAnswer() throws {
        let deployment = KubeRayFixtures.deployment(replicas: 2)
        let object = KubernetesObject(KubeRayFixtures.manifest(deployment).value)
        let seen = RayServiceObservation(
            deployment: deployment, namespace: "models", service: RayServiceState(object), pods: [], warnings: [],
            now: Timestamp(millisecondsSinceEpoch: 0)
        ).observation(ClusterHandle(name: object.name, startedAt: Timestamp(millisecondsSinceEpoch: 0)))
        #expect(seen.replicas == ReplicaCount(wanted: 2, present: 2, ready: 0))
        #expect(seen.url == "http://\(object.name)-serve-svc.models.svc:8000")
    }

    /// After each event of the recording that is about the service.
    private func observations(
        _ lifecycle: Lifecycle, handle: inout ClusterHandle, now: Timestamp = Timestamp(millisecondsSinceEpoch: 1000)
    ) throws -> [Observation] {
        var service: RayServiceState?
        var pods: [String: PodState] = [:]
        var warnings: [RayServiceWarning] = []
        var observations: [Observation] = []
        let deployment = KubeRayFixtures.deployment()
        var hasBegun = false
        for line in KubeRayFixtures.data("lifecycles.jsonl").split(separator: UInt8(ascii: "\n")) {
            let event = try JSONParser.parse(Array(line))
            guard event["lifecycle"]?.stringValue == lifecycle.name, let value = event["object"] else { continue }
            let object = KubernetesObject(value)
            let isDeleted = event["type"] == "DELETED"
            switch value["kind"] {
            case "RayService" where object.name == lifecycle.service:
                service = isDeleted ? nil : RayServiceState(object)
                hasBegun = true
            case "Pod" where object.name.hasPrefix(lifecycle.service + "-"):
                pods[object.name] = isDeleted ? nil : PodState(object)
            case "Event":
                guard let warning = RayServiceWarning(object), warning.object == lifecycle.service else { continue }
                warnings.append(warning)
            default: continue
            }
            guard hasBegun else { continue }
            let observation = RayServiceObservation(
                deployment: deployment, namespace: "models", service: service,
                pods: pods.values.sorted { $0.name < $1.name }, warnings: warnings, now: now
            ).observation(handle)
            handle = ClusterHandle(observation.handle) ?? handle
            observations.append(observation)
        }
        return observations
    }

    private static func words(of observation: Observation) -> (state: String, words: String) {
        switch observation.state {
        case .absent: ("absent", "")
        case .preparing: ("preparing", observation.message ?? "")
        case .starting: ("starting", observation.message ?? "")
        case .ready: ("ready", "")
        case .unready(let failure), .failed(let failure): (failure.reason.rawValue, failure.message)
        }
    }
}
