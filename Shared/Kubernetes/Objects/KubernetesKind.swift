import HTTP

/// A kind of objects, as the API server's paths name it.
public struct KubernetesKind: Hashable, Sendable, CustomStringConvertible {
    /// Empty for the core group.
    public let group: String
    public let version: String
    /// `Deployment`.
    public let name: String
    /// `deployments`, the name in paths and in access rules.
    public let plural: String

    public init(group: String, version: String, name: String, plural: String) {
        self.group = group
        self.version = version
        self.name = name
        self.plural = plural
    }

    public static let pod = Self(group: "", version: "v1", name: "Pod", plural: "pods")
    public static let service = Self(group: "", version: "v1", name: "Service", plural: "services")
    public static let event = Self(group: "", version: "v1", name: "Event", plural: "events")
    public static let deployment = Self(group: "apps", version: "v1", name: "Deployment", plural: "deployments")
    public static let replicaSet = Self(group: "apps", version: "v1", name: "ReplicaSet", plural: "replicasets")
    public static let endpointSlice = Self(
        group: "discovery.k8s.io", version: "v1", name: "EndpointSlice", plural: "endpointslices")
    public static let rayService = Self(group: "ray.io", version: "v1", name: "RayService", plural: "rayservices")
    public static let rayCluster = Self(group: "ray.io", version: "v1", name: "RayCluster", plural: "rayclusters")

    /// What an object says of itself: `apps/v1`.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// As in access rules and error messages: `deployments.apps`.
    public var description: String { group.isEmpty ? plural : "\(plural).\(group)" }

    /// The path of its objects in a namespace, of one of them, or of a part of one (`log`, `status`).
    func path(namespace: String, name: String? = nil, part: String? = nil) -> String {
        let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        let name = name.map { "/\(PercentEncoding.encode($0))" } ?? ""
        return "\(root)/namespaces/\(PercentEncoding.encode(namespace))/\(plural)\(name)\(part.map { "/\($0)" } ?? "")"
    }
}
