import Domain
import JSON
import Kubernetes
import KubernetesObjects
import ModelServingCore

/// What matters of the object that an instance is: a Deployment, or a Pod.
struct WorkloadState: Hashable, Sendable {
    let name: String
    let instance: ModelServiceInstanceID?
    let service: ModelServiceID?
    let createdAt: Timestamp?
    let isTerminating: Bool
    /// Wanted.
    let replicas: Int
    /// Why no pods can be made.
    let refusal: String?

    init(_ object: KubernetesObject) {
        name = object.name
        instance = Ownership.instance(of: object)
        service = Ownership.service(of: object)
        createdAt = object.createdAt
        isTerminating = object.isTerminating
        replicas = object.spec?["replicas"]?.integerValue.map { Int(clamping: $0) } ?? 1
        let failure = object.condition("ReplicaFailure")
        refusal = failure?.isTrue == true ? failure?.message : nil
    }
}

/// What matters of a Service: that it is there.
struct ServiceState: Hashable, Sendable {
    let instance: ModelServiceInstanceID?
    let service: ModelServiceID?

    init(_ object: KubernetesObject) {
        instance = Ownership.instance(of: object)
        service = Ownership.service(of: object)
    }
}
