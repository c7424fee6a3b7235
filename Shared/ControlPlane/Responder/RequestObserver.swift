import Domain
import HTTP
import Observability

/// Counts every request, and writes a line about it.
struct RequestObserver: Sendable {
    private static let knownMethods: Set<HTTPMethod> = [.get, .head, .post, .put, .delete, .patch, .options]

    private let requests: Counter
    private let seconds: Histogram
    private let inFlight: Gauge
    private let logger: Logger

    init(metrics: MetricsRegistry, logger: Logger) {
        self.logger = logger
        requests = metrics.counter(
            "slipway_http_requests_total", "Requests answered.", labels: ["method", "route", "status"])
        seconds = metrics.histogram(
            "slipway_http_request_duration_seconds", "Time from a request's head to its answer's.",
            labels: ["method", "route"])
        inFlight = metrics.gauge("slipway_http_requests_in_flight", "Requests being answered.")
    }

    func begin() -> ContinuousClock.Instant {
        inFlight.add(1)
        return ContinuousClock.now
    }

    func end(
        _ request: HTTPRequest, _ context: RequestContext, _ status: HTTPStatus, since start: ContinuousClock.Instant
    ) {
        let duration = ContinuousClock.now - start
        // Paths and methods that nobody serves share one series: they are of the caller's making.
        let route = context.route ?? "none"
        let method = Self.knownMethods.contains(request.method) ? request.method.rawValue : "other"
        inFlight.add(-1)
        requests.increment([method, route, status.description])
        seconds.observe(duration / .seconds(1), [method, route])
        let fields: KeyValuePairs<String, String> = [
            "method": method, "path": String(request.path.prefix(256)), "route": route, "status": status.description,
            "duration_ms": "\(duration.wholeMilliseconds)", "subject": context.principal?.subject ?? "",
            "peer": request.peer, "request_id": context.requestID, "trace_id": context.trace.traceID,
        ]
        if context.isPolled, status.code < 400 {
            logger.debug("request", fields)
        } else {
            logger.info("request", fields)
        }
    }
}
