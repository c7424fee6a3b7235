import Domain
import Kubernetes
import ModelServingCore

/// By which labels the objects of one installation are known on a cluster that others use too.
///
/// What lacks them is never changed and never deleted, whatever its name.
public struct Ownership: Hashable, Sendable {
    public static let manager = "slipway"
    public static let managerLabel = "app.kubernetes.io/managed-by"
    public static let installationLabel = "slipway.dev/installation"
    public static let serviceLabel = "slipway.dev/service-id"
    public static let instanceLabel = "slipway.dev/instance-id"
    public static let revisionLabel = "slipway.dev/revision"
    /// An annotation, since a service's name may be longer than a label's value.
    public static let serviceNameAnnotation = "slipway.dev/service-name"

    /// Tells installations on one cluster apart: a DNS label.
    public let installation: String

    public init(installation: String) { self.installation = installation }

    /// What all objects of this installation have.
    public var selector: [String: String] {
        [Self.managerLabel: Self.manager, Self.installationLabel: installation]
    }

    /// What all objects of one instance have.
    public func selector(_ instance: ModelServiceInstanceID) -> [String: String] {
        selector.merging([Self.instanceLabel: instance.description]) { $1 }
    }

    public func labels(_ deployment: Deployment) -> [String: String] {
        selector(deployment.instanceID).merging([
            Self.serviceLabel: deployment.serviceID.description,
            Self.revisionLabel: String(deployment.revision),
        ]) { $1 }
    }

    public func annotations(_ deployment: Deployment) -> [String: String] {
        [Self.serviceNameAnnotation: deployment.serviceName.description]
    }

    public func owns(_ object: KubernetesObject) -> Bool {
        selector.allSatisfy { object.label($0.key) == $0.value }
    }

    public static func instance(of object: KubernetesObject) -> ModelServiceInstanceID? {
        object.label(instanceLabel).flatMap { ModelServiceInstanceID($0) }
    }

    public static func service(of object: KubernetesObject) -> ModelServiceID? {
        object.label(serviceLabel).flatMap { ModelServiceID($0) }
    }
}
