import Configuration
import ControlPlane
import Domain
import KubeRayRuntime
import Kubernetes
import KubernetesObjects
import KubernetesRuntime
import ModelServingCore

extension ServingRuntimes {
    static let kubernetesSettings: [Configuration.Setting] = [
        .init(
            "SLIPWAY_KUBECONFIG",
            "the kubeconfig of a Kubernetes cluster, or in-cluster for the pod's own account; without it, no kuberay "
                + "and no kubernetes runtime"),
        .init("SLIPWAY_KUBERNETES_CONTEXT", "a context of the kubeconfig; by default the current one"),
        .init("SLIPWAY_KUBERNETES_NAMESPACE", "where everything is made; by default the context's, or the pod's own"),
        .init("SLIPWAY_DOWNLOAD_IMAGE", default: ModelVolume.Images().download, "has curl, sha256sum and tar"),
        .init("SLIPWAY_BUCKET_IMAGE", default: ModelVolume.Images().bucket, "has aws, for model files in S3"),
    ]

    /// Both runtimes of one cluster.
    static func kubernetes(
        _ parts: ControlPlaneParts, _ installation: Installation
    ) throws(Configuration.Failure) -> [(kind: RuntimeKind, built: Built)] {
        guard let kubeconfig = parts.configuration.optional("SLIPWAY_KUBECONFIG") else {
            return [RuntimeKind.kuberay, .kubernetes].map { ($0, .missing("SLIPWAY_KUBECONFIG is not set")) }
        }
        let client = try client(kubeconfig, parts)
        var images = ModelVolume.Images()
        images.download = try parts.configuration.string("SLIPWAY_DOWNLOAD_IMAGE")
        images.bucket = try parts.configuration.string("SLIPWAY_BUCKET_IMAGE")
        let rights = ClusterRights(
            client, needed: [.kuberay: KubeRayRuntime.rights, .kubernetes: KubernetesRuntime.rights])
        var kubeRay = kubeRay(client, images, parts, installation)
        kubeRay.tasks.append(rights.task)
        kubeRay.check = rights.check
        return [
            (.kuberay, .built(kubeRay)),
            (.kubernetes, .built(deployments(client, images, parts, installation))),
        ]
    }

    private static func client(
        _ kubeconfig: String, _ parts: ControlPlaneParts
    ) throws(Configuration.Failure) -> KubernetesClient {
        do throws(KubernetesError) {
            let cluster = try KubernetesConfiguration.load(
                kubeconfig: kubeconfig, context: parts.configuration.optional("SLIPWAY_KUBERNETES_CONTEXT"),
                namespace: parts.configuration.optional("SLIPWAY_KUBERNETES_NAMESPACE"))
            return KubernetesClient(cluster, transport: parts.secureTransport, now: parts.now)
        } catch {
            throw .invalid("SLIPWAY_KUBECONFIG: \(error.message)")
        }
    }

    private static func kubeRay(
        _ client: KubernetesClient, _ images: ModelVolume.Images, _ parts: ControlPlaneParts,
        _ installation: Installation
    ) -> Part {
        var settings = KubeRayRuntime.Settings(installation: installation.name)
        settings.images = images
        let runtime = KubeRayRuntime(settings, client: client, now: parts.now, logger: parts.logger)
        return Part(
            runtime: runtime,
            tasks: [RuntimeTask("kuberay runtime", run: { await runtime.run() }, shutDown: { runtime.shutDown() })])
    }

    private static func deployments(
        _ client: KubernetesClient, _ images: ModelVolume.Images, _ parts: ControlPlaneParts,
        _ installation: Installation
    ) -> Part {
        var settings = KubernetesRuntime.Settings(
            installation: installation.name, timing: ResourceCacheTiming(now: parts.now))
        settings.images = images
        let runtime = KubernetesRuntime(settings, client: client, logger: parts.logger)
        return Part(
            runtime: runtime,
            tasks: [RuntimeTask("kubernetes runtime", run: { await runtime.run() }, shutDown: { runtime.shutDown() })])
    }
}
