import Domain
import FakeKubernetes
import JSON
import Observability
import TestSupport
import Testing

@testable import Kubernetes

/// The client against a real kube-apiserver.
@Suite(.serialized, .enabled(if: RealCluster.isThere, RealCluster.reason), .timeLimit(.minutes(5)))
struct RealAPIServerTests {
    @Test func theRoleThatShipsIsEnough() async throws {
        try await RealCluster.run { cluster in
            let verbs = ["get", "list", "watch", "create", "patch", "delete"]
            var rights = [KubernetesKind.deployment, .service, .rayService].flatMap { kind in
                verbs.map { AccessRight($0, kind) }
            }
            rights.append(AccessRight("get", .pod, part: "log"))
            let missing = try await cluster.slipway.missing(rights)
            #expect(missing.isEmpty)
            let secrets = KubernetesKind(group: "", version: "v1", name: "Secret", plural: "secrets")
            let denied = try await cluster.slipway.missing([AccessRight("get", secrets)])
            #expect(denied.map(\.description) == ["get secrets"])
            let error = await #expect(throws: KubernetesError.self) { try await cluster.slipway.get(secrets, "any") }
            guard case .forbidden(let message) = error else { throw error ?? .cancelled }
            #expect(message.contains("cannot get resource \"secrets\""))
        }
    }

    @Test func appliesCreatesAndConflicts() async throws {
        try await RealCluster.run { cluster in
            let client = cluster.slipway
            let service = Self.rayService("real-apply")
            _ = try await client.delete(.rayService, name: "real-apply")
            let created = try await client.create(.rayService, service)
            let again = await #expect(throws: KubernetesError.self) { try await client.create(.rayService, service) }
            guard case .alreadyExists = again else { throw again ?? .cancelled }
            // What was created is owned by another operation of the same manager: only force takes it over.
            _ = try await client.apply(.rayService, name: "real-apply", service)
            let same = try await client.apply(.rayService, name: "real-apply", service)
            let last = try await client.apply(.rayService, name: "real-apply", service)
            // An old server notes the time even of an apply that changes nothing, so versions may differ.
            #expect(last.generation == same.generation)
            #expect(last.uid == created.uid)
            let stale = await #expect(throws: KubernetesError.self) {
                try await client.merge(
                    .rayService, name: "real-apply",
                    [
                        "metadata": ["resourceVersion": .string(created.resourceVersion)],
                        "spec": ["serviceUnhealthySecondThreshold": 5],
                    ])
            }
            if created.resourceVersion != last.resourceVersion {
                guard case .conflict = stale else { throw stale ?? .cancelled }
            }
            let wrongUID = await #expect(throws: KubernetesError.self) {
                try await client.delete(.rayService, name: "real-apply", uid: "00000000-0000-0000-0000-000000000000")
            }
            guard case .conflict = wrongUID else { throw wrongUID ?? .cancelled }
            #expect(try await client.delete(.rayService, name: "real-apply", uid: created.uid) == .gone)
        }
    }

    @Test func tellsInvalidObjectsFieldByField() async throws {
        try await RealCluster.run { cluster in
            let error = await #expect(throws: KubernetesError.self) {
                try await cluster.slipway.create(
                    .rayService,
                    [
                        "metadata": ["name": "real-invalid"], "spec": ["rayClusterConfig": [:]],
                        "apiVersion": "ray.io/v1", "kind": "RayService",
                    ])
            }
            guard case .invalid(_, let causes) = error else { throw error ?? .cancelled }
            #expect(causes.contains { $0.field.contains("headGroupSpec") })
        }
    }

    @Test func knowsWhatIsNotInstalled() async throws {
        try await RealCluster.run { cluster in
            let kind = KubernetesKind(group: "nope.example", version: "v1", name: "Nope", plural: "nopes")
            let error = await #expect(throws: KubernetesError.self) {
                try await cluster.admin.list(KubernetesQuery(kind)) { $0.name }
            }
            guard case .unknownKind = error else { throw error ?? .cancelled }
            let missing = try await cluster.slipway.find(.rayService, "never-there")
            #expect(missing == nil)
        }
    }

    @Test func waitsForFinalizers() async throws {
        try await RealCluster.run { cluster in
            let client = cluster.slipway
            var service = Self.rayService("real-finalizer")
            service = service.merging(["metadata": ["name": "real-finalizer", "finalizers": ["slipway.dev/test"]]])
            _ = try await client.create(.rayService, service)
            guard case .terminating(let left) = try await client.delete(.rayService, name: "real-finalizer") else {
                Issue.record("gone at once")
                return
            }
            #expect(left.isTerminating)
            _ = try await client.merge(
                .rayService, name: "real-finalizer", ["metadata": ["finalizers": nil]])
            let rest = try await client.find(.rayService, "real-finalizer")
            #expect(rest == nil)
        }
    }

    @Test func listsInPagesAndRefusesVersionsOfLongAgo() async throws {
        try await RealCluster.run { cluster in
            let client = cluster.slipway
            let labels = ["slipway.dev/test": "pages"]
            for number in 0..<7 {
                _ = try await client.apply(
                    .rayService, name: "real-page-\(number)", Self.rayService("real-page-\(number)", labels: labels))
            }
            let list = try await client.list(KubernetesQuery(.rayService, labels: labels), pageLimit: 3) { $0.name }
            #expect(list.items.count == 7)
            let error = await #expect(throws: KubernetesError.self) {
                var watch = try await client.watch(KubernetesQuery(.rayService, labels: labels), from: "1")
                while try await watch.next() != nil {}
            }
            guard case .expired = error else { throw error ?? .cancelled }
            for number in 0..<7 { _ = try await client.delete(.rayService, name: "real-page-\(number)") }
        }
    }

    @Test func aCacheOutlivesARestartOfTheServerInMidWatch() async throws {
        try await RealCluster.run { cluster in
            let labels = ["slipway.dev/test": "restart"]
            var timing = ResourceCacheTiming(now: SystemClock.now)
            timing.longestWait = .seconds(1)
            let cache = ResourceCache<String>(
                KubernetesQuery(.rayService, labels: labels), client: cluster.slipway, timing: timing,
                project: { $0.status?["serviceStatus"]?.stringValue ?? "none" })
            let logger = Logger(sink: RecordingLogSink(), now: SystemClock.now)
            let task = Task { await cache.run(logger: logger) }
            defer { task.cancel() }
            #expect(await cache.becomesCurrent(within: .seconds(60)))
            _ = try await cluster.slipway.create(.rayService, Self.rayService("real-before", labels: labels))
            try await until { cache.values == ["real-before": "none"] }
            try await RealCluster.restart(after: 3)
            try await until { cache.condition != .current }
            #expect(cache.values == ["real-before": "none"])
            try await until { cache.condition == .current }
            // As the operator does it.
            _ = try await cluster.admin.merge(
                .rayService, name: "real-before", part: "status", ["status": ["serviceStatus": "Running"]])
            _ = try await cluster.slipway.create(.rayService, Self.rayService("real-after", labels: labels))
            try await until { cache.values == ["real-before": "Running", "real-after": "none"] }
            _ = try await cluster.slipway.delete(.rayService, name: "real-before")
            _ = try await cluster.slipway.delete(.rayService, name: "real-after")
            try await until { cache.values.isEmpty }
        }
    }

    /// The suite's time limit is the limit of waiting.
    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(20)) }
    }

    private static func rayService(_ name: String, labels: [String: String] = [:]) -> JSONValue {
        let container: JSONValue = [
            "name": "ray-head", "image": "rayproject/ray:2.56.0",
            "ports": [["name": "serve", "containerPort": 8000, "protocol": "TCP"]],
        ]
        return [
            "apiVersion": "ray.io/v1", "kind": "RayService",
            "metadata": [
                "name": .string(name),
                "labels": .object(JSONObject(labels.map { ($0.key, .string($0.value)) })),
            ],
            "spec": [
                "serveConfigV2": "applications: []\n",
                "rayClusterConfig": [
                    "headGroupSpec": [
                        "rayStartParams": ["dashboard-host": "0.0.0.0"],
                        "template": ["spec": ["containers": [container]]],
                    ]
                ],
            ],
        ]
    }
}

extension JSONValue {
    /// With these members in place of its own of the same names.
    fileprivate func merging(_ other: JSONValue) -> JSONValue {
        var object = objectValue ?? JSONObject()
        for (name, value) in other.objectValue?.members ?? [] { object[name] = value }
        return .object(object)
    }
}
