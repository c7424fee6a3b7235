import Authentication
import Domain
import HTTP
import JSON
import Observability

/// Answers the admin listener: health, metrics, and what the API is.
struct AdminResponder: HTTPResponder {
    private let router: Router
    private let key: PresharedKey

    init(
        key: PresharedKey, metrics: GatewayMetrics, freshness: RouteFreshness,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.key = key
        router = Router([
            .get("/healthz", .open) { _, _ in .json(.ok, ["live": true]) },
            .get("/readyz", .open) { _, _ in Self.readiness(freshness.state, at: now()) },
            .get("/metrics", .requires("metrics:read")) { _, _ in
                HTTPResponse(
                    .ok, fields: ["Content-Type": PrometheusText.contentType], body: HTTPBody(metrics.text()))
            },
            .get("/openapi.json", .requires("documentation:read")) { _, _ in .json(.ok, APIDocument.json) },
            .get("/docs", .requires("documentation:read")) { _, _ in DocumentationPage(APIDocument.json).response },
        ])
    }

    /// For the tests that hold the API document and the routes together.
    var routes: [Route] { router.routes }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        var random = SystemRandomNumberGenerator()
        let trace = TraceContext(using: &random)
        do {
            return try await answer(request, RequestContext(requestID: trace.traceID, trace: trace))
        } catch {
            let known = error as? ServiceError ?? .internalFault(detail: "\(error)")
            return known.problem.response(instance: String(request.path), traceID: trace.traceID)
        }
    }

    private func answer(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        switch router.route(request.method, request.path) {
        case .notFound: throw ServiceError.notFound(kind: "path", id: String(request.path))
        case .methodNotAllowed:
            let problem = Problem(
                status: .methodNotAllowed, code: "method_not_allowed", title: "The method is not allowed here",
                detail: "Use GET.")
            var response = problem.response(instance: String(request.path), traceID: context.trace.traceID)
            response.fields.append("Allow", "GET, HEAD")
            return response
        case .found(let route, _):
            try authorize(request, route.access)
            return try await route.handler(request, context)
        }
    }

    private func authorize(_ request: HTTPRequest, _ access: Route.Access) throws(ServiceError) {
        guard case .requires = access else { return }
        guard let token = try BearerCredentials.token(in: request.fields) else {
            throw .unauthenticated("Send the admin key as: Authorization: Bearer KEY")
        }
        guard key.matches(token) else { throw .unauthenticated("The key is not the admin key.") }
    }

    /// Ready as soon as there is a table to serve from, be it the last one on disk.
    private static func readiness(_ state: RouteFreshness.State?, at now: Timestamp) -> HTTPResponse {
        guard let state else {
            return .json(.serviceUnavailable, ["ready": false, "reason": "no route table has been loaded yet"])
        }
        let age = max(0, (now - state.confirmedAt).wholeMilliseconds)
        return .json(
            .ok,
            [
                "ready": true,
                "routes": [
                    "age_ms": .integer(age), "confirmed_at": .string(state.confirmedAt.description),
                    "source": state.isFromModelServing ? "model-serving" : "disk",
                ],
            ])
    }
}
