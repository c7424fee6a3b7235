import HTTP
import Kubernetes

/// What a request's path and parameters say.
struct APIRequest {
    let kind: KubernetesKind
    let namespace: String
    let name: String?
    let part: String?
    let parameters: [String: String]

    /// Nil for paths of kinds that are not installed.
    init?(_ request: HTTPRequest, kinds: Set<KubernetesKind>) {
        var parameters: [String: String] = [:]
        for pair in (request.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            parameters[String(parts[0])] = parts.count == 2 ? PercentEncoding.decode(parts[1]) : ""
        }
        let segments = request.path.split(separator: "/").compactMap { PercentEncoding.decode($0) }
        guard let place = segments.firstIndex(of: "namespaces"), segments.count > place + 2 else { return nil }
        let apiVersion = segments[1..<place].joined(separator: "/")
        guard let kind = kinds.first(where: { $0.plural == segments[place + 2] && $0.apiVersion == apiVersion }) else {
            return nil
        }
        self.kind = kind
        self.parameters = parameters
        namespace = segments[place + 1]
        name = segments.count > place + 3 ? segments[place + 3] : nil
        part = segments.count > place + 4 ? segments[place + 4] : nil
    }

    var isWatch: Bool { parameters["watch"] == "true" }

    var labels: [String: String] { Self.pairs(parameters["labelSelector"]) }
    var fields: [String: String] { Self.pairs(parameters["fieldSelector"]) }

    var key: ObjectStore.Key { ObjectStore.Key(kind: kind.plural, namespace: namespace, name: name ?? "") }

    /// The right that it needs.
    func right(_ method: HTTPMethod) -> String {
        let verb =
            switch method {
            case .get: isWatch ? "watch" : name == nil ? "list" : "get"
            case .post: "create"
            case .put: "update"
            case .patch: "patch"
            case .delete: name == nil ? "deletecollection" : "delete"
            default: "unknown"
            }
        return AccessRight(verb, kind, part: part).description
    }

    private static func pairs(_ text: String?) -> [String: String] {
        var pairs: [String: String] = [:]
        for pair in (text ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { pairs[String(parts[0])] = String(parts[1]) }
        }
        return pairs
    }
}
