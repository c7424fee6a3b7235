/// Everything that can go wrong in a use case, free of transport: `HTTP` maps each case to a status in one place.
///
/// `message` is shown to the caller and says what happened and what to do; it never holds a secret.
public enum ServiceError: Error, Hashable, Sendable {
    /// The request itself is wrong. `problems` names each field; never empty.
    case invalid([FieldProblem])
    /// The caller is not known.
    case unauthenticated(String)
    /// The caller is known and may not do this.
    case permissionDenied(String)
    /// `kind` is the thing's name in the API (`model`, `resource_pool`), `id` what was asked for.
    case notFound(kind: String, id: String)
    /// The request contradicts what exists; `code` is stable (`name_taken`, `pool_in_use`, …).
    case conflict(code: String, message: String)
    /// The `If-Match` of the request is stale.
    case preconditionFailed(String)
    /// Well-formed, but cannot be carried out as things are; `code` is stable (`idempotency_key_reused`, …).
    case unprocessable(code: String, message: String)
    /// The request's content is in a form that is not read here.
    case unsupportedContent(String)
    /// Something exceeds a named limit.
    case tooLarge(String)
    /// The caller sends too much; try again after the delay.
    case rateLimited(String, retryAfter: Duration)
    /// Something this process needs is away; try again after the delay. `code` says what (`sidecar_unavailable`, …).
    case unavailable(code: String, message: String, retryAfter: Duration)
    /// A dependency did not answer within its deadline.
    case deadlineExceeded(String)
    /// A fault of ours. `detail` goes only to the log.
    case internalFault(detail: String)
}

/// One wrong field of a request: a JSON pointer (RFC 6901, `/resource_requirements/cpu`), or the name of a header
/// or query parameter, with what is wrong.
public struct FieldProblem: Hashable, Sendable, Codable {
    public let field: String
    public let message: String

    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }
}

extension ServiceError {
    public static func invalid(_ field: String, _ message: String) -> Self {
        .invalid([FieldProblem(field: field, message: message)])
    }
}
