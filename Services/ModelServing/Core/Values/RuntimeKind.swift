/// What runs the instances of a model service.
public enum RuntimeKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The engine as a child process on this machine.
    case process
    /// An application on a Ray cluster that is already there.
    case ray
    /// A `RayService`, which the KubeRay operator turns into a cluster and an application.
    case kuberay
    /// A Deployment and a Service.
    case kubernetes

    /// One instance is a whole deployment, with the replicas inside it; otherwise each replica is an instance.
    public var keepsReplicasInside: Bool {
        switch self {
        case .process: false
        case .ray, .kuberay, .kubernetes: true
        }
    }
}
