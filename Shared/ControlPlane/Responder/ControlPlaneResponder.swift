import Audit
import Domain
import HTTP
import Observability

/// Takes a request through a control-plane server: route, access, content type, handler. Whatever goes wrong on the
/// way becomes a problem document here and nowhere else.
public struct ControlPlaneResponder: HTTPResponder {
    public let router: Router
    private let access: AccessControl
    private let observer: RequestObserver
    private let trail: AuditTrail
    private let logger: Logger
    private let makeID: @Sendable () -> UUIDv7

    /// - Parameter audit: nil for servers that tell nobody who changed what.
    public init(
        _ routes: [Route], access: AccessControl, audit: AuditLog? = nil, metrics: MetricsRegistry, logger: Logger,
        makeID: @escaping @Sendable () -> UUIDv7
    ) {
        router = Router(routes)
        self.access = access
        self.logger = logger
        self.makeID = makeID
        observer = RequestObserver(metrics: metrics, logger: logger)
        trail = AuditTrail(audit, metrics: metrics, logger: logger)
    }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        let start = observer.begin()
        var context = RequestContext(requestID: makeID().description, trace: Self.trace(of: request))
        var response: HTTPResponse
        var change: AuditedChange?
        do {
            response = try await TraceContext.$current.withValue(context.trace) {
                try await answer(request, &context, &change)
            }
        } catch {
            response = problem(error, request, context)
            if change == nil { trail.note(error, request, context, response) }
        }
        if let change { trail.end(change, response, context) }
        response.fields.set("X-Request-Id", context.requestID)
        response.fields.set("X-Content-Type-Options", "nosniff")
        observer.end(request, context, response.status, since: start)
        return response
    }

    public func refuse(_ error: HTTPParseError) -> HTTPResponse? {
        let requestID = makeID().description
        var random = SystemRandomNumberGenerator()
        var response = Problem(error).response(
            instance: String((error.target ?? "").prefix { $0 != "?" }), traceID: TraceContext(using: &random).traceID)
        response.fields.set("X-Request-Id", requestID)
        response.fields.set("X-Content-Type-Options", "nosniff")
        return response
    }

    private func answer(
        _ request: HTTPRequest, _ context: inout RequestContext, _ change: inout AuditedChange?
    ) async throws -> HTTPResponse {
        switch router.route(request.method, request.path) {
        case .notFound:
            if request.method == .options, request.target == "*" { return HTTPResponse(.noContent) }
            throw ServiceError.notFound(kind: "path", id: String(request.path))
        case .methodNotAllowed(let methods):
            return otherMethod(request, context, allowed: methods)
        case .found(let route, let parameters):
            context.route = route.pattern.description
            context.isPolled = route.isPolled
            context.parameters = parameters
            try await access.admit(request, to: route, &context)
            change = try trail.begin(request, context, route)
            return try await route.handler(request, context)
        }
    }

    /// OPTIONS is answered with what the path takes; anything else with 405.
    private func otherMethod(
        _ request: HTTPRequest, _ context: RequestContext, allowed methods: [HTTPMethod]
    ) -> HTTPResponse {
        var names = methods.map(\.rawValue)
        if methods.contains(.get) { names.append(HTTPMethod.head.rawValue) }
        names.append(HTTPMethod.options.rawValue)
        let allow = names.joined(separator: ", ")
        var response = HTTPResponse(.noContent)
        if request.method != .options {
            response = Problem(
                status: .methodNotAllowed, code: "method_not_allowed", title: "Method not allowed",
                detail: "\(request.path.prefix(128)) takes \(allow)."
            ).response(instance: String(request.path), traceID: context.trace.traceID)
        }
        response.fields.set("Allow", allow)
        return response
    }

    private func problem(_ error: any Error, _ request: HTTPRequest, _ context: RequestContext) -> HTTPResponse {
        let known: ServiceError =
            switch error {
            case let error as ServiceError: error
            case is CancellationError: .deadlineExceeded("The request was given up.")
            default: .internalFault(detail: "\(error)")
            }
        if case .internalFault(let detail) = known {
            logger.error(
                "a request failed by a fault of ours",
                [
                    "detail": detail, "trace_id": context.trace.traceID, "request_id": context.requestID,
                    "route": context.route ?? "",
                ])
        }
        return known.problem.response(instance: String(request.path), traceID: context.trace.traceID)
    }

    private static func trace(of request: HTTPRequest) -> TraceContext {
        var generator = SystemRandomNumberGenerator()
        let values = request.fields.values("traceparent")
        guard values.count == 1, let caller = TraceContext(traceparent: values[0]) else {
            return TraceContext(using: &generator)
        }
        return caller.child(using: &generator)
    }
}
