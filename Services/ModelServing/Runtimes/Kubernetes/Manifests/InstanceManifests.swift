import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore

/// The objects of one instance. The same for the same deployment, at any time.
struct InstanceManifests {
    /// Pods that come and go while a Deployment's template changes.
    static let defaultSurge = 1
    static let defaultUnavailable = 0

    let name: String
    private let deployment: Deployment
    private let owner: Ownership
    private let pod: EnginePod

    init(_ deployment: Deployment, owner: Ownership, images: ModelVolume.Images) {
        self.deployment = deployment
        self.owner = owner
        name = ObjectName(deployment).description
        pod = EnginePod(deployment, images: images)
    }

    /// A Deployment, or a Pod where one node was asked for.
    var workloadKind: KubernetesKind { Self.workloadKind(deployment) }

    static func workloadKind(_ deployment: Deployment) -> KubernetesKind {
        deployment.options.nodeName == nil ? .deployment : .pod
    }

    var workload: JSONValue {
        if let node = deployment.options.nodeName { return object(.pod, spec: pod.spec(node: node)) }
        let options = deployment.options
        return object(
            .deployment,
            spec: [
                "replicas": .integer(Int64(deployment.replicas)), "revisionHistoryLimit": 1,
                "progressDeadlineSeconds": .integer(
                    Int64(options.startSeconds ?? RuntimeOptions.defaultStartSeconds)),
                "selector": ["matchLabels": selector],
                "strategy": [
                    "type": "RollingUpdate",
                    "rollingUpdate": [
                        "maxSurge": .integer(Int64(options.maximumSurge ?? Self.defaultSurge)),
                        "maxUnavailable": .integer(Int64(options.maximumUnavailable ?? Self.defaultUnavailable)),
                    ],
                ],
                "template": [
                    "metadata": [
                        "labels": WorkloadParts.texts(owner.labels(deployment)),
                        "annotations": WorkloadParts.texts(owner.annotations(deployment)),
                    ],
                    "spec": pod.spec(),
                ],
            ])
    }

    var service: JSONValue {
        object(
            .service,
            spec: [
                "selector": selector,
                "ports": [
                    [
                        "name": .string(EnginePod.portName), "port": .integer(pod.port),
                        "targetPort": .string(EnginePod.portName), "protocol": "TCP",
                    ]
                ],
            ])
    }

    /// Where it answers inside the cluster.
    func url(namespace: String) -> String { "http://\(name).\(namespace).svc:\(pod.port)" }

    private var selector: JSONValue { WorkloadParts.texts(owner.selector(deployment.instanceID)) }

    private func object(_ kind: KubernetesKind, spec: JSONValue) -> JSONValue {
        [
            "apiVersion": .string(kind.apiVersion), "kind": .string(kind.name),
            "metadata": WorkloadParts.metadata(
                name: name, labels: owner.labels(deployment), annotations: owner.annotations(deployment)),
            "spec": spec,
        ]
    }
}
