import HTTP
import JSON
import Kubernetes
import Synchronization

extension FakeAPIServer {
    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        let body = (try? await request.body.collect(limitBytes: 4 << 20)) ?? []
        if let refusal = authenticate(request) { return refusal }
        if request.path == "/version" { return Self.json(.ok, ["gitVersion": "v1.33.0"]) }
        let document = (try? JSONParser.parse(body)) ?? .null
        if request.path.hasSuffix("/selfsubjectaccessreviews") { return review(document) }
        let kinds = state.withLock { $0.behaviour.kinds }
        guard let wanted = APIRequest(request, kinds: kinds) else {
            return HTTPResponse(
                .notFound, fields: ["Content-Type": "text/plain; charset=utf-8"], body: HTTPBody("404 page not found\n")
            )
        }
        let right = wanted.right(request.method)
        if let answer = await meddle(right) { return answer }
        if let refusal = authorize(right, wanted) { return refusal }
        switch request.method {
        case .get where wanted.isWatch: return watch(wanted)
        case .get where wanted.part == "log": return log(wanted)
        case .get: return wanted.name == nil ? list(wanted) : get(wanted)
        case .post: return create(wanted, document)
        case .patch: return patch(wanted, document, contentType: request.fields["Content-Type"] ?? "")
        case .delete: return wanted.name == nil ? deleteCollection(wanted) : delete(wanted, document)
        default: return Self.status(.methodNotAllowed, "MethodNotAllowed", "not supported")
        }
    }

    private func authenticate(_ request: HTTPRequest) -> HTTPResponse? {
        guard let tokens = state.withLock({ $0.behaviour.tokens }) else { return nil }
        let token = request.fields["Authorization"].map { $0.dropFirst("Bearer ".count) }
        if let token, tokens.contains(String(token)) { return nil }
        return Self.status(.unauthorized, "Unauthorized", "Unauthorized")
    }

    /// What the test has put in the way.
    private func meddle(_ right: String) async -> HTTPResponse? {
        let (failure, intercept) = state.withLock { state in
            state.counts[right, default: 0] += 1
            let index = state.behaviour.failures.firstIndex { $0.right == right }
            return (index.map { state.behaviour.failures.remove(at: $0).answer }, state.behaviour.intercept)
        }
        if let failure { return failure }
        return await intercept?(right)
    }

    private func authorize(_ right: String, _ wanted: APIRequest) -> HTTPResponse? {
        let isDenied = state.withLock { $0.behaviour.denied.contains(right) }
        guard isDenied else { return nil }
        let verb = right.split(separator: " ").first ?? ""
        return Self.status(
            .forbidden, "Forbidden",
            "\(wanted.kind) is forbidden: User \"slipway\" cannot \(verb) resource \"\(wanted.kind.plural)\" "
                + "in API group \"\(wanted.kind.group)\" in the namespace \"\(wanted.namespace)\"",
            details: ["group": .string(wanted.kind.group), "kind": .string(wanted.kind.plural)])
    }

    private func review(_ document: JSONValue) -> HTTPResponse {
        let attributes = document["spec"]?["resourceAttributes"]
        let kind = KubernetesKind(
            group: attributes?["group"]?.stringValue ?? "", version: "v1", name: "",
            plural: attributes?["resource"]?.stringValue ?? "")
        let right = AccessRight(
            attributes?["verb"]?.stringValue ?? "", kind, part: attributes?["subresource"]?.stringValue)
        let isAllowed = state.withLock { !$0.behaviour.denied.contains(right.description) }
        return Self.json(
            .created, ["kind": "SelfSubjectAccessReview", "status": ["allowed": .bool(isAllowed)]])
    }

    private func get(_ wanted: APIRequest) -> HTTPResponse {
        guard let object = state.withLock({ $0.store.objects[wanted.key] }) else { return Self.missing(wanted) }
        return Self.json(.ok, object)
    }

    private func log(_ wanted: APIRequest) -> HTTPResponse {
        guard state.withLock({ $0.store.objects[wanted.key] }) != nil else { return Self.missing(wanted) }
        let text = state.withLock { $0.behaviour.logs[wanted.name ?? ""] } ?? ""
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let limit = wanted.parameters["tailLines"].flatMap { Int($0) } ?? lines.count
        let end = text.hasSuffix("\n") ? limit + 1 : limit
        return HTTPResponse(
            .ok, fields: ["Content-Type": "text/plain"], body: HTTPBody(lines.suffix(end).joined(separator: "\n")))
    }

    /// Pages are cut from the list as it is now; the token only says which name comes next.
    private func list(_ wanted: APIRequest) -> HTTPResponse {
        state.withLock { state in
            var version = state.store.version
            var objects = state.store.list(wanted.kind.plural, namespace: wanted.namespace)
                .filter { $0.matches(labels: wanted.labels, fields: wanted.fields) }
            if let token = wanted.parameters["continue"] {
                let parts = token.split(separator: ":", maxSplits: 1)
                version = Int(parts[0]) ?? 0
                guard version >= state.store.oldestVersion else {
                    return Self.status(HTTPStatus(410), "Expired", "The provided continue parameter is too old")
                }
                objects = objects.filter { ($0.text(at: "metadata.name") ?? "") >= String(parts[1]) }
            }
            let limit = min(wanted.parameters["limit"].flatMap { Int($0) } ?? .max, state.behaviour.pageLimit)
            var metadata: [(String, JSONValue)] = [("resourceVersion", .string(String(version)))]
            if objects.count > limit {
                metadata.append(("continue", .string("\(version):\(objects[limit].text(at: "metadata.name") ?? "")")))
                objects = Array(objects.prefix(limit))
            }
            return Self.json(
                .ok,
                [
                    "kind": .string("\(wanted.kind.name)List"), "apiVersion": .string(wanted.kind.apiVersion),
                    "metadata": .object(JSONObject(metadata)), "items": .array(objects),
                ])
        }
    }

    private func watch(_ wanted: APIRequest) -> HTTPResponse {
        state.withLock { state in
            let stream = WatchStream(
                kind: wanted.kind.plural, namespace: wanted.namespace, labels: wanted.labels, fields: wanted.fields)
            let from = Int(wanted.parameters["resourceVersion"] ?? "") ?? 0
            if from < state.store.oldestVersion {
                stream.send("ERROR", Self.statusObject(410, "Expired", "too old resource version: \(from)"))
                stream.end()
            } else {
                for event in state.store.history where event.version > from { stream.tell(event) }
                state.nextWatch += 1
                state.watches[state.nextWatch] = stream
            }
            return HTTPResponse(
                .ok, fields: ["Content-Type": "application/json"], body: .stream(stream, length: nil))
        }
    }
}
