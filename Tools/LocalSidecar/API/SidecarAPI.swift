import Cryptography
import HTTP

/// All that one sidecar answers over HTTP: the router of daprd.
struct SidecarAPI: HTTPResponder {
    /// Go's HTTP server grants this much on top of its limit for a request's head.
    static let readBufferSlackBytes = 4096

    let appID: String
    let state: StateAPI
    let invocation: InvocationAPI
    let system: SystemAPI
    let tracing: Tracing
    /// `DAPR_API_TOKEN`; nil lets everybody in.
    let apiToken: String?
    let readBufferBytes: Int
    /// Ends the process.
    let shutDown: @Sendable () -> Void

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard request.fields.storage.count <= readBufferBytes + Self.readBufferSlackBytes else {
            return .plain(431, "431 Request Header Fields Too Large")
        }
        guard RequestPath.isWellFormed(request.path), let path = RequestPath(request.path) else {
            return .plain(.badRequest, "400 Bad Request")
        }
        let isHealth = path.segments.starts(with: ["v1.0", "healthz"])
        var response: HTTPResponse
        do throws(SidecarError) {
            response =
                isHealth || isAuthorized(request)
                ? try await route(request, path.segments) : Self.unauthorized
        } catch {
            response = error.response
        }
        if request.method == .head { response.body = .empty }
        if !isHealth, let context = tracing.contexts(for: request).answer {
            response.fields.set("Traceparent", context)
            if tracing == .on, let state = request.fields["tracestate"] { response.fields.set("Tracestate", state) }
        }
        return response
    }

    private static let unauthorized = HTTPResponse(
        .unauthorized,
        fields: ["Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff"],
        body: HTTPBody("invalid api token\n"))

    private func isAuthorized(_ request: HTTPRequest) -> Bool {
        guard let apiToken else { return true }
        return constantTimeEquals(request.fields["dapr-api-token"] ?? "", apiToken)
    }

    private func route(_ request: HTTPRequest, _ segments: [String]) async throws(SidecarError) -> HTTPResponse {
        if let (app, path) = Self.invokedMethod(request.path) {
            return try await invocation.invoke(app, path: path, request)
        }
        let method = request.method
        switch (segments.first, segments.dropFirst().first) {
        case ("v1.0", "state"): return try await state.respond(to: request, segments.dropFirst(2))
        case ("v1.0-alpha1", "state") where segments.count == 4 && segments[3] == "query":
            return try state.refuseQuery(segments[2])
        case ("v1.0", "healthz") where method == .get && segments.count == 2: return try system.health(request)
        case ("v1.0", "healthz") where method == .get && segments.dropFirst(2) == ["outbound"]:
            return HTTPResponse(.noContent)
        case ("v1.0", "metadata") where method == .get && segments.count == 2: return system.metadata()
        case ("v1.0", "metadata") where method == .put && segments.count == 3:
            return try await system.setMetadata(segments[2], request)
        case ("v1.0", "shutdown") where method == .post && segments.count == 2:
            shutDown()
            return HTTPResponse(.noContent)
        default:
            if let error = AbsentAPI.answer(request, segments, appID: appID) { throw error }
            guard let app = Self.namedApp(request.fields) else { throw .unknownRoute }
            return try await invocation.invoke(app, path: request.path, request)
        }
    }

    /// The app and the raw path behind `/v1.0/invoke/{app}/method/`.
    private static func invokedMethod(_ path: Substring) -> (app: String, path: Substring)? {
        let start = "/v1.0/invoke/"
        guard path.hasPrefix(start) else { return nil }
        let rest = path.dropFirst(start.count)
        let app = rest.prefix { $0 != "/" }
        let method = rest.dropFirst(app.count)
        guard !app.isEmpty, method.hasPrefix("/method/"), let name = PercentEncoding.decode(app) else { return nil }
        return (name, method.dropFirst("/method/".count))
    }

    /// The other ways to say which app is meant: a field, or the user name `dapr-app-id` of basic authentication.
    private static func namedApp(_ fields: HTTPFields) -> String? {
        if let name = fields["dapr-app-id"], !name.isEmpty { return name }
        guard let authorization = fields["Authorization"], authorization.hasPrefix("Basic ") else { return nil }
        let plain = authorization.dropFirst("Basic ".count).map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        guard let bytes = Base64URL.decode(String(plain.filter { $0 != "=" })) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":", maxSplits: 1)
        return parts.count == 2 && parts[0] == "dapr-app-id" ? String(parts[1]) : nil
    }
}
