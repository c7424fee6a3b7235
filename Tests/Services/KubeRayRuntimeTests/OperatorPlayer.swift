import FakeKubernetes
import JSON
import Kubernetes
import KubernetesObjects
import Synchronization

/// Plays KubeRay's operator, in the steps in which the real one was seen to work, and the kubelet beside it.
struct OperatorPlayer: Sendable {
    static let finalizer = "ray.io/rayservice-finalizer"
    /// Images by which services are told what becomes of them.
    static let silentImage = "registry.example/silent:1"
    static let endingImage = "registry.example/ending:1"

    let server: FakeAPIServer
    /// How often a service's cluster was made, by instance.
    private let starts = Counts()

    init(_ server: FakeAPIServer) { self.server = server }

    final class Counts: Sendable {
        private let counts = Mutex<[String: Int]>([:])
        private let seen = Mutex<Set<String>>([])

        func add(_ instance: String, uid: String) -> Bool {
            guard seen.withLock({ $0.insert(uid).inserted }) else { return false }
            counts.withLock { $0[instance, default: 0] += 1 }
            return true
        }

        subscript(instance: String) -> Int { counts.withLock { $0[instance] ?? 0 } }
    }

    func count(_ instance: String) -> Int { starts[instance] }

    func run() async {
        for await event in server.events() where event.kind == "rayservices" && event.type != "DELETED" {
            let object = event.object
            if object.isTerminating {
                takeDown(object)
            } else if starts.add(object.label(Ownership.instanceLabel) ?? "", uid: object.uid) {
                bringUp(object)
            } else if object.status?["observedGeneration"]?.integerValue.map({ $0 < object.generation }) == true {
                // A change of serveConfigV2 is put to the cluster in place.
                setStatus(object.name, object.generation, ready: "True", active: "RUNNING")
            }
        }
    }

    private func bringUp(_ object: KubernetesObject) {
        let name = object.name
        server.setFinalizers(.rayService, name, [Self.finalizer])
        let head = object.spec?["rayClusterConfig"]?["headGroupSpec"]?["template"]
        let image = head?["spec"]?["containers"]?.arrayValue?.first?["image"]?.stringValue
        for pod in ["\(name)-abcde-head-xyz12", "\(name)-abcde-workers-worker-xyz34"] {
            server.put(
                .pod, pod,
                [
                    "metadata": ["labels": head?["metadata"]?["labels"] ?? [:]],
                    "spec": ["nodeName": "node-1"],
                    "status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]],
                ])
        }
        setStatus(name, object.generation, ready: "False", pending: "DEPLOYING")
        switch image {
        case Self.silentImage: break
        case Self.endingImage: setStatus(name, object.generation, ready: "False", pending: "DEPLOY_FAILED")
        default: setStatus(name, object.generation, ready: "True", active: "RUNNING")
        }
    }

    private func takeDown(_ object: KubernetesObject) {
        for pod in server.objects(.pod) where pod.name.hasPrefix("\(object.name)-abcde-") {
            server.delete(.pod, pod.name)
        }
        server.setFinalizers(.rayService, object.name, [])
    }

    func setStatus(
        _ name: String, _ generation: Int64, ready: String, active: String? = nil, pending: String? = nil
    ) {
        func cluster(_ status: String?) -> JSONValue {
            guard let status else { return [:] }
            return [
                "rayClusterName": .string("\(name)-abcde"),
                "applicationStatuses": [
                    "app": ["status": .string(status), "message": status == "RUNNING" ? "" : "told"]
                ],
            ]
        }
        server.setStatus(
            .rayService, name,
            [
                "observedGeneration": .integer(generation), "activeServiceStatus": cluster(active),
                "pendingServiceStatus": cluster(pending),
                "conditions": [
                    ["type": "Ready", "status": .string(ready), "reason": "Initializing", "message": "is initializing"]
                ],
            ])
    }
}
