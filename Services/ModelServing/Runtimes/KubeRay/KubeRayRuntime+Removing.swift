import Domain
import Kubernetes
import KubernetesObjects
import ModelServingCore
import Observability
import Synchronization

extension KubeRayRuntime {
    public func remove(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?
    ) async throws(Failure) -> Removal {
        let selector = ownership.selector(instance)
        let left = try await inCluster { () async throws(KubernetesError) in
            try await client.list(KubernetesQuery(.rayService, labels: selector)) { RayServiceState($0) }
        }
        for service in left.items {
            if service.isTerminating {
                complain(of: service)
            } else {
                _ = try await inCluster { () async throws(KubernetesError) in
                    try await client.delete(.rayService, name: service.name, uid: service.uid)
                }
            }
        }
        guard left.items.isEmpty else { return .inProgress }
        let rest = try await inCluster { () async throws(KubernetesError) in
            try await client.list(KubernetesQuery(.pod, labels: selector)) { $0.name }
        }
        guard rest.items.isEmpty else { return .inProgress }
        return .gone
    }

    /// Its finalizer is the operator's: without the operator it stays for ever.
    private func complain(of service: RayServiceState) {
        let moment = now()
        guard let since = service.terminatingSince, moment - since > Self.removalPatience else { return }
        let isNew = complaints.withLock { complaints in
            if complaints.count >= 1024 { complaints = [:] }
            if let last = complaints[service.name], moment - last < Self.removalPatience { return false }
            complaints[service.name] = moment
            return true
        }
        guard isNew else { return }
        logger.warning(
            "a RayService was deleted and does not go; does KubeRay's operator run?",
            ["name": service.name, "since": since.description])
    }

    /// What the head prints. What replicas print, Ray keeps in files on their pods.
    public func logs(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, lines: Int
    ) async throws(Failure) -> [String] {
        let pods = pods.values(inGroup: instance.description)
        guard let head = pods.first(where: { $0.name.contains("-head-") }) else { return [] }
        do throws(KubernetesError) {
            return try await client.log(pod: head.name, container: RayServiceManifest.headContainer, lines: lines)
        } catch .notFound, .refused {
            // Gone, or its container has not been started.
            return []
        } catch {
            throw error.failure
        }
    }
}
