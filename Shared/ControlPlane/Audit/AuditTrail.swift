import Audit
import Domain
import HTTP
import Observability

/// Tells the audit log what requests change and who is refused: a line before each change, one with what became of it,
/// and one for each refusal.
struct AuditTrail: Sendable {
    private static let readingMethods: Set<HTTPMethod> = [.get, .head, .options]
    /// After so long somebody may have made room on the disk.
    private static let retryAfter = Duration.seconds(5)

    private let log: AuditLog?
    private let logger: Logger
    private let lines: Counter
    private let failures: Counter

    /// - Parameter log: nil for servers that tell nobody.
    init(_ log: AuditLog?, metrics: MetricsRegistry, logger: Logger) {
        self.log = log
        self.logger = logger
        lines = metrics.counter("slipway_audit_lines_total", "Lines of the audit log.", labels: ["event"])
        failures = metrics.counter("slipway_audit_failures_total", "Lines that could not be written.")
        failures.increment(by: 0)
    }

    /// To be called before what was allowed is done.
    /// - Returns: what `end` needs; nil for what changes nothing, and for what machines ask again and again.
    /// - Throws: `.unavailable` (`audit_unavailable`): then it must not be done.
    func begin(
        _ request: HTTPRequest, _ context: RequestContext, _ route: Route
    ) throws(ServiceError) -> AuditedChange? {
        guard let log, !Self.readingMethods.contains(request.method), !route.isPolled, !route.isReading else {
            return nil
        }
        let audited = AuditedRequest(request, context)
        do throws(AuditFailure) {
            let sequence = try log.append(.change(audited))
            lines.increment(["change"])
            return AuditedChange(sequence: sequence, request: audited)
        } catch {
            tell(error, context)
            throw .unavailable(
                code: "audit_unavailable",
                message: "The change would have to be told in the audit log, and that cannot be written to now.",
                retryAfter: Self.retryAfter)
        }
    }

    /// To be called when it is known what became of a change.
    func end(_ change: AuditedChange, _ response: HTTPResponse, _ context: RequestContext) {
        write(
            .outcome(
                of: change.sequence, change.request, status: response.status.code,
                created: response.fields["Location"], detail: context.notes.text), context)
    }

    /// Tells of a request that was refused; of one that failed for another reason, nothing.
    func note(
        _ error: any Error, _ request: HTTPRequest, _ context: RequestContext, _ response: HTTPResponse
    ) {
        guard let error = error as? ServiceError, error.isRefusal || context.access?.isHidden == true else { return }
        write(.refusal(AuditedRequest(request, context), status: response.status.code), context)
    }

    private func write(_ event: AuditEvent, _ context: RequestContext) {
        guard let log else { return }
        do throws(AuditFailure) {
            try log.append(event)
            lines.increment([event.name])
        } catch {
            tell(error, context)
        }
    }

    private func tell(_ failure: AuditFailure, _ context: RequestContext) {
        failures.increment()
        logger.error(
            "the audit log cannot be written",
            ["error": failure.description, "request_id": context.requestID, "trace_id": context.trace.traceID])
    }
}

/// A change that the audit log knows of, until its outcome is told.
struct AuditedChange: Sendable {
    let sequence: Int64
    let request: AuditedRequest
}

extension AuditedRequest {
    fileprivate init(_ request: HTTPRequest, _ context: RequestContext) {
        self.init()
        subject = context.principal?.subject ?? ""
        credential = context.principal?.credential?.description ?? ""
        groups = context.principal?.groups ?? []
        action = context.access?.action ?? ""
        object = context.access?.object ?? String(request.path.dropFirst())
        method = request.method.rawValue
        rule = context.access?.rule
        peer = request.peer
        traceID = context.trace.traceID
        requestID = context.requestID
    }
}

extension ServiceError {
    /// Whether it is about who asks, and not about what is asked for.
    fileprivate var isRefusal: Bool {
        switch self {
        case .unauthenticated, .permissionDenied: true
        case .invalid, .notFound, .conflict, .preconditionFailed, .unprocessable, .unsupportedContent, .tooLarge,
            .rateLimited, .unavailable, .deadlineExceeded, .internalFault:
            false
        }
    }
}
