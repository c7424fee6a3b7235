import HTTP
import JSON

extension KubernetesClient {
    /// Those of `rights` that this client's account does not have. Every account may ask this.
    public func missing(_ rights: [AccessRight]) async throws(KubernetesError) -> [AccessRight] {
        var missing: [AccessRight] = []
        for right in rights {
            var attributes: [(String, JSONValue)] = [
                ("namespace", .string(namespace)), ("verb", .string(right.verb)),
                ("group", .string(right.kind.group)), ("resource", .string(right.kind.plural)),
            ]
            if let part = right.part { attributes.append(("subresource", .string(part))) }
            let review: JSONValue = [
                "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1",
                "spec": ["resourceAttributes": .object(JSONObject(attributes))],
            ]
            let answer = try await call(
                .post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body: review)
            if answer.document["status"]?["allowed"]?.boolValue != true { missing.append(right) }
        }
        return missing
    }

    /// The server's version (`v1.33.2`): whether it answers at all.
    public func version() async throws(KubernetesError) -> String {
        try await call(.get, "/version").document["gitVersion"]?.stringValue ?? "unknown"
    }

    /// The end of a container's log.
    /// - Parameter isPrevious: of the run before the last restart.
    public func log(
        pod: String, container: String? = nil, lines: Int, isPrevious: Bool = false
    ) async throws(KubernetesError) -> [String] {
        var parameters = [("tailLines", String(lines)), ("limitBytes", String(Self.maximumLogBytes))]
        if let container { parameters.append(("container", container)) }
        if isPrevious { parameters.append(("previous", "true")) }
        let response = try await send(
            .get, KubernetesKind.pod.path(namespace: namespace, name: pod, part: "log"), parameters)
        let text = String(decoding: try await collect(response), as: UTF8.self)
        let all = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return all.last?.isEmpty == true ? all.dropLast() : all
    }

    /// Of a log's end.
    private static let maximumLogBytes = 1 << 20
}
