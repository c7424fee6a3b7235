import JSON
import Kubernetes
import Synchronization

/// Plays what makes pods of Deployments and runs them: the controllers, the scheduler and a kubelet. What becomes of a
/// pod is said by its image.
package final class PodPlayer: Sendable {
    /// Becomes ready.
    package static let healthyImage = "engines.example/healthy:1"
    /// Runs, and never answers.
    package static let silentImage = "engines.example/silent:1"
    /// Ends as soon as it is started.
    package static let endingImage = "engines.example/ending:1"
    package static let node = "node-1"

    private let server: FakeAPIServer
    private let made = Mutex<(next: Int, byLabel: [String: Int])>((0, [:]))
    private let label: String

    /// - Parameter label: what pods belong together by.
    package init(_ server: FakeAPIServer, label: String) {
        self.server = server
        self.label = label
    }

    /// How many pods were made with this value of the label.
    package func count(_ value: String) -> Int { made.withLock { $0.byLabel[value] ?? 0 } }

    /// Plays until the task is cancelled.
    package func run() async {
        for await event in server.events() {
            guard event.type != "DELETED" else { continue }
            if event.kind == "deployments" { follow(event.object.name) }
            if event.kind == "pods", event.type == "ADDED" { start(event.object) }
        }
    }

    /// Makes as many pods as are wanted, and removes those that are too many.
    private func follow(_ name: String) {
        guard let deployment = server.object(.deployment, name), !deployment.isTerminating else { return }
        let pods = server.objects(.pod).filter { pod in
            pod["metadata"]?["ownerReferences"]?.arrayValue?.first?["uid"]?.stringValue == deployment.uid
        }
        let wanted = Int(deployment.spec?["replicas"]?.integerValue ?? 1)
        for pod in pods.dropFirst(wanted) { server.delete(.pod, pod.name) }
        for _ in pods.count..<max(wanted, pods.count) {
            let number = made.withLock { made in
                made.next += 1
                return made.next
            }
            let template = deployment.spec?["template"]
            server.put(
                .pod, "\(name)-\(number)",
                [
                    "metadata": [
                        "labels": template?["metadata"]?["labels"] ?? [:],
                        "ownerReferences": [["kind": "ReplicaSet", "uid": .string(deployment.uid)]],
                    ],
                    "spec": template?["spec"] ?? [:],
                ])
        }
    }

    private func start(_ pod: KubernetesObject) {
        if let value = pod.label(label) { made.withLock { $0.byLabel[value, default: 0] += 1 } }
        server.put(.pod, pod.name, ["spec": ["nodeName": .string(Self.node)]])
        switch pod.spec?["containers"]?.arrayValue?.first?["image"]?.stringValue {
        case Self.healthyImage: setStatus(pod.name, isReady: true, ["state": ["running": [:]], "restartCount": 0])
        case Self.endingImage: crash(pod.name, exitCode: 3)
        default: setStatus(pod.name, isReady: false, ["state": ["running": [:]], "restartCount": 0])
        }
    }

    /// The engine in the pod ends again and again.
    package func crash(_ pod: String, exitCode: Int64) {
        setStatus(
            pod, isReady: false,
            [
                "state": ["waiting": ["reason": "CrashLoopBackOff", "message": "back-off 40s restarting"]],
                "lastState": ["terminated": ["exitCode": .integer(exitCode), "reason": "Error"]], "restartCount": 3,
            ])
    }

    package func setStatus(_ pod: String, isReady: Bool, _ container: JSONValue) {
        var status = container
        status.set("name", "engine")
        status.set("ready", .bool(isReady))
        server.setStatus(
            .pod, pod,
            [
                "phase": "Running",
                "conditions": [
                    ["type": "PodScheduled", "status": "True"],
                    ["type": "Ready", "status": isReady ? "True" : "False"],
                ],
                "containerStatuses": [status],
            ])
    }
}
