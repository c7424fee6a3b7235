import Domain
import HTTP
import JSON
import Observability

/// What every process of the control plane answers to those who run it.
struct OperationRoutes: Sendable {
    let readiness: Readiness
    let metrics: MetricsRegistry

    var routes: [Route] {
        [
            Route.get("/healthz", .open, live),
            Route.get("/readyz", .open, ready),
            Route.get("/metrics", .requires("metrics:read"), exposition),
        ].map { $0.polled() }
    }

    /// The process runs and answers. Says nothing about what it needs: restarting it would not help that.
    private func live(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        .json(.ok, ["status": "live"])
    }

    private func ready(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        let problems = await readiness.problems()
        guard problems.isEmpty else {
            return Problem(
                status: .serviceUnavailable, code: "not_ready", title: "Not ready",
                detail: problems.map { "\($0.field): \($0.message)" }.joined(separator: "; "), errors: problems,
                retryAfter: Readiness.lifetime
            ).response(instance: String(request.path), traceID: context.trace.traceID)
        }
        return .json(.ok, ["status": "ready", "checks": .array(readiness.names.map(JSONValue.string))])
    }

    private func exposition(_ request: HTTPRequest, _ context: RequestContext) async throws -> HTTPResponse {
        HTTPResponse(
            .ok, fields: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"], body: HTTPBody(metrics.text()))
    }
}
