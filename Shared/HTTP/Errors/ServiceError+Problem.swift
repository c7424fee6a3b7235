import Domain

extension ServiceError {
    /// The one place where errors get a status code.
    public var problem: Problem {
        switch self {
        case .invalid(let problems):
            Problem(
                status: .badRequest, code: "invalid_request", title: "The request is not valid",
                detail: problems.count == 1
                    ? (problems[0].field.isEmpty ? "" : "\(problems[0].field): ") + problems[0].message
                    : "\(problems.count) fields are wrong; see errors.",
                errors: problems)
        case .unauthenticated(let message):
            Problem(status: .unauthorized, code: "unauthenticated", title: "Credentials are needed", detail: message)
        case .permissionDenied(let message):
            Problem(status: .forbidden, code: "permission_denied", title: "Not allowed", detail: message)
        case .notFound(let kind, let id):
            Problem(
                status: .notFound, code: "not_found", title: "Not found",
                detail: "There is no \(kind) \"\(id.prefix(128))\".")
        case .conflict(let code, let message):
            Problem(status: .conflict, code: code, title: "The request conflicts with what exists", detail: message)
        case .preconditionFailed(let message):
            Problem(
                status: .preconditionFailed, code: "precondition_failed", title: "The resource has changed",
                detail: message)
        case .unprocessable(let code, let message):
            Problem(status: .unprocessableContent, code: code, title: "Cannot be carried out", detail: message)
        case .unsupportedContent(let message):
            Problem(
                status: .unsupportedMediaType, code: "unsupported_media_type", title: "Not JSON", detail: message)
        case .tooLarge(let message):
            Problem(status: .contentTooLarge, code: "too_large", title: "Too large", detail: message)
        case .rateLimited(let message, let retryAfter):
            Problem(
                status: .tooManyRequests, code: "rate_limited", title: "Too many requests", detail: message,
                retryAfter: retryAfter)
        case .unavailable(let code, let message, let retryAfter):
            Problem(
                status: .serviceUnavailable, code: code, title: "Not available right now", detail: message,
                retryAfter: retryAfter)
        case .deadlineExceeded(let message):
            Problem(status: .gatewayTimeout, code: "deadline_exceeded", title: "Took too long", detail: message)
        case .internalFault:
            Problem(
                status: .internalServerError, code: "internal", title: "A fault of this server",
                detail:
                    "The request failed because of a fault of this server; its log has the cause under this trace_id.")
        }
    }
}
