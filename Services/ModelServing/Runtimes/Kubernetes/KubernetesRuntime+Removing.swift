import Domain
import Kubernetes
import KubernetesObjects
import ModelServingCore

extension KubernetesRuntime {
    /// Gone are also the pods: as long as one is there, it holds what was claimed for it.
    public func remove(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?
    ) async throws(Failure) -> Removal {
        let labels = owner.selector(instance)
        var isGone = true
        // The Service last: until then requests find those that are still there.
        for kind in [KubernetesKind.deployment, .pod, .service] {
            let objects = try await inCluster { () throws(KubernetesError) in
                try await client.list(KubernetesQuery(kind, labels: labels)) { $0 }.items
            }
            for object in objects {
                isGone = false
                // Pods of a Deployment go with it.
                guard !object.isTerminating, kind != .pod || PodState(object).isAlone else { continue }
                try await delete(kind, object)
            }
        }
        return isGone ? .gone : .inProgress
    }

    private func delete(_ kind: KubernetesKind, _ object: KubernetesObject) async throws(Failure) {
        do throws(KubernetesError) {
            _ = try await client.delete(kind, name: object.name, uid: object.uid)
        } catch .conflict {
            // Another of this name has come meanwhile; the next look sees whose it is.
        } catch {
            throw error.failure
        }
    }

    public func deployed() async -> [DeployedInstance] {
        let alone = pods.values.values.filter(\.isAlone).map { ($0.instance, $0.createdAt) }
        let all = deployments.values.values.map { ($0.instance, $0.createdAt) } + alone
        return all.compactMap { instance, createdAt in
            instance.map { DeployedInstance(instanceID: $0, since: createdAt ?? settings.timing.now()) }
        }
    }
}
