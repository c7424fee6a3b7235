import Domain
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore
import RayRuntime

/// The RayService of an instance: a Ray cluster of its own with one application on it.
///
/// What makes KubeRay build a new cluster stays the same for as long as the object lives; the number of replicas is
/// said in the application's configuration only, which is put to the running cluster in place. Ray's autoscaler then
/// makes as many workers as the replicas need, for which the worker group has room from the beginning.
struct RayServiceManifest: Sendable {
    /// The operator takes no longer ones, and the names of what it makes begin with it.
    static let maximumNameLength = 47
    static let servePort: Int64 = 8000
    static let headContainer = "ray-head"
    static let workerContainer = "ray-worker"
    static let workerGroup = "workers"
    /// Of the head, which runs Ray's own services and no replica.
    static let head = ResourceRequirements(cpuMillicores: 1000, memoryMebibytes: 4096)
    /// Of the container with Ray's autoscaler beside the head.
    static let autoscaler = ResourceRequirements(cpuMillicores: 100, memoryMebibytes: 512)
    /// How long a worker without a replica is kept.
    static let idleSeconds: Int64 = 60
    /// Ray counts these for what routes requests beside a replica; nodes give them nothing.
    static let ingressCores: Int64 = 1

    let deployment: Deployment
    let ownership: Ownership
    let images: ModelVolume.Images

    var name: String { ObjectName(deployment).description }

    /// Where requests go once it is ready: the Service that the operator makes then.
    static func url(_ name: String, namespace: String) -> String {
        "http://\(name)-serve-svc.\(namespace).svc:\(servePort)"
    }

    var value: JSONValue {
        var annotations = ownership.annotations(deployment)
        // Ours comes first; this ends it too when nobody of ours is there to look.
        annotations["ray.io/initializing-timeout"] = "\(startSeconds)s"
        return [
            "apiVersion": .string(KubernetesKind.rayService.apiVersion),
            "kind": .string(KubernetesKind.rayService.name),
            "metadata": WorkloadParts.metadata(
                name: name, labels: ownership.labels(deployment), annotations: annotations),
            "spec": [
                // A revision is an object of its own: nothing is ever upgraded in place.
                "upgradeStrategy": ["type": "None"],
                "serveConfigV2": .string(JSONWriter.text(serveConfiguration)),
                "rayClusterConfig": [
                    "enableInTreeAutoscaling": true,
                    "autoscalerOptions": [
                        "version": "v2", "upscalingMode": "Default", "idleTimeoutSeconds": .integer(Self.idleSeconds),
                        "resources": WorkloadParts.resources(Self.autoscaler),
                    ],
                    "headGroupSpec": [
                        "rayStartParams": ["dashboard-host": "0.0.0.0", "num-cpus": "0"],
                        "template": headTemplate,
                    ],
                    "workerGroupSpecs": [.object(JSONObject(workers))],
                ],
            ],
        ]
    }

    private var startSeconds: Int { deployment.options.startSeconds ?? RuntimeOptions.defaultStartSeconds }

    /// In JSON, which is YAML too.
    private var serveConfiguration: JSONValue {
        let application = ApplicationConfiguration(deployment, installation: ownership.installation)
        var value = application.value(modelPath: model?.path, main: application.mainDeployment)
        // Nobody else's application is on this cluster.
        if var object = value.objectValue {
            object["route_prefix"] = "/"
            value = .object(object)
        }
        return [
            "http_options": ["host": "0.0.0.0", "port": .integer(Self.servePort)], "applications": [value],
        ]
    }

    /// Nil if the application looks for its model by itself.
    private var model: ModelVolume? {
        guard ApplicationConfiguration.needsModelFile(deployment.options) else { return nil }
        return ModelVolume(deployment.model, images: images, environment: deployment.options.environment ?? [:])
    }

    /// As the operator would write them, with what is empty too: then no two managers contend for the list.
    private var workers: [(String, JSONValue)] {
        let range = Self.workerRange(deployment.options)
        return [
            ("groupName", .string(Self.workerGroup)),
            ("replicas", .integer(Int64(min(max(deployment.replicas, range.lowerBound), range.upperBound)))),
            ("minReplicas", .integer(Int64(range.lowerBound))), ("maxReplicas", .integer(Int64(range.upperBound))),
            ("numOfHosts", 1), ("scaleStrategy", [:]),
            ("rayStartParams", ["num-cpus": .string(String(cores + Self.ingressCores))]),
            ("template", workerTemplate),
        ]
    }

    /// Workers of an object, for as long as it lives.
    static func workerRange(_ options: RuntimeOptions) -> ClosedRange<Int> {
        let most = options.autoscaling?.maximumReplicas ?? ServiceConfiguration.replicaRange.upperBound
        return 0...max(1, most)
    }

    private var cores: Int64 { (deployment.requirements.cpuMillicores + 999) / 1000 }

    private var headTemplate: JSONValue {
        let ports: [(String, Int64)] = [
            ("gcs-server", 6379), ("dashboard", 8265), ("client", 10001), ("metrics", 8080), ("serve", Self.servePort),
        ]
        var container = container(Self.headContainer, Self.head)
        container["ports"] = .array(
            ports.map { ["name": .string($0.0), "containerPort": .integer($0.1), "protocol": "TCP"] })
        container["volumeMounts"] = [Self.memoryMount]
        // Its account is the operator's, for the autoscaler.
        let placement = WorkloadParts.placement(deployment.options).filter { $0.0 != "serviceAccountName" }
        return template(
            [("containers", [.object(container)]), ("volumes", [Self.memoryVolume])] + placement)
    }

    private var workerTemplate: JSONValue {
        var container = container(Self.workerContainer, deployment.requirements)
        container["volumeMounts"] = .array([Self.memoryMount] + (model == nil ? [] : ModelVolume.mounts))
        var fields: [(String, JSONValue)] = []
        if let model { fields.append(("initContainers", .array(model.containers))) }
        fields += [
            ("containers", [.object(container)]),
            ("volumes", .array([Self.memoryVolume] + (model == nil ? [] : ModelVolume.volumes))),
            ("automountServiceAccountToken", false),
        ]
        return template(fields + WorkloadParts.placement(deployment.options))
    }

    /// An instance lives on as one of a later revision if nothing but the number of replicas has changed: a label with
    /// that would make another cluster of it.
    private func template(_ fields: [(String, JSONValue)]) -> JSONValue {
        var labels = ownership.labels(deployment)
        labels[Ownership.revisionLabel] = nil
        return [
            "metadata": [
                "labels": WorkloadParts.texts(labels),
                "annotations": WorkloadParts.texts(ownership.annotations(deployment)),
            ],
            "spec": .object(JSONObject(fields + [("securityContext", PodSecurity.pod)])),
        ]
    }

    private func container(_ name: String, _ requirements: ResourceRequirements) -> JSONObject {
        JSONObject([
            ("name", .string(name)), ("image", .string(deployment.options.image ?? "")),
            ("env", WorkloadParts.environment(variables)), ("resources", WorkloadParts.resources(requirements)),
            // Ray writes beside its own files, so that its root cannot be read-only.
            ("securityContext", ["allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]]]),
        ])
    }

    private var variables: [String: String] {
        ["HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "RAY_USAGE_STATS_ENABLED": "0"]
            .merging(deployment.options.environment ?? [:]) { $1 }
    }

    /// Ray's object store.
    private static let memoryVolume: JSONValue = ["name": "shared-memory", "emptyDir": ["medium": "Memory"]]
    private static let memoryMount: JSONValue = ["name": "shared-memory", "mountPath": "/dev/shm"]
}
