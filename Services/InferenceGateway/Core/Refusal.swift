/// Why the gateway answers a request itself instead of an engine.
public enum Refusal: Error, Hashable, Sendable {
    /// What was received is no request that is served: it is not HTTP, too large or too slow.
    case malformedRequest
    /// No protocol of ours lives at this path.
    case unknownPath
    case unsafePath
    case methodNotAllowed(allowed: String)
    case modelNotNamed(ModelNameScanner.Problem)
    /// The body is encoded in a way in which its `model` cannot be read.
    case bodyEncoded(String)
    /// The body is larger than what is held to find its `model`, which was not in that part.
    case modelNotInFirstPart(limitBytes: Int)
    /// The body's `model` did not come in the time that there is for it.
    case modelTooLate
    /// Bodies whose `model` is still looked for take all the memory that is set aside for them.
    case tooManyHeldBodies
    /// The caller's body broke off before its end.
    case bodyIncomplete
    /// It came more slowly than a body must.
    case bodyTooSlow
    case bodyTooLarge(limitBytes: Int)
    case unknownService(String)
    case tokenMissing(service: String)
    case tokenInvalid
    case tokenExpired
    case tokenOfAnotherService(service: String)
    /// No route table has been loaded yet.
    case noRoutes
    /// The service exists, and none of its instances is ready.
    case noReadyInstance(service: String)
    /// The caller's token has used up what it grants.
    case rateLimited(TokenBudget.Allowance)
    /// As many requests as may wait do, while every instance is at work on as many as it takes.
    case queueFull(service: String)
    /// It waited for an instance for as long as a request may.
    case queuedTooLong(service: String)
    /// No connection to any instance that is said to be ready.
    case upstreamUnreachable(service: String)
    /// The connection to the instance broke before its answer began.
    case upstreamFailed(service: String)
    case upstreamTimedOut(service: String)
    /// The caller went away; nobody reads this.
    case clientGone
}

extension Refusal {
    /// Stable and for machines: the `code` of the error body, and the reason in metrics.
    public var code: String {
        switch self {
        case .malformedRequest: "malformed_request"
        case .unknownPath: "unknown_path"
        case .unsafePath: "unsafe_path"
        case .methodNotAllowed: "method_not_allowed"
        // No service has so long a name.
        case .modelNotNamed(.tooLong): "model_not_found"
        case .modelNotNamed: "model_not_named"
        case .bodyEncoded: "body_encoded"
        case .modelNotInFirstPart: "model_not_in_first_part"
        case .modelTooLate: "model_too_late"
        case .tooManyHeldBodies: "too_many_held_bodies"
        case .bodyIncomplete: "body_incomplete"
        case .bodyTooSlow: "body_too_slow"
        case .bodyTooLarge: "body_too_large"
        case .unknownService: "model_not_found"
        case .tokenMissing: "token_missing"
        case .tokenInvalid: "invalid_api_key"
        case .tokenExpired: "token_expired"
        case .tokenOfAnotherService: "permission_denied"
        case .noRoutes: "no_routes"
        case .noReadyInstance: "no_ready_instance"
        case .rateLimited: "rate_limit_exceeded"
        case .queueFull: "queue_full"
        case .queuedTooLong: "queued_too_long"
        case .upstreamUnreachable: "upstream_unreachable"
        case .upstreamFailed: "upstream_failed"
        case .upstreamTimedOut: "upstream_timed_out"
        case .clientGone: "client_gone"
        }
    }

    /// The service that it is about, if there is one of that name: what a caller makes up is none.
    public var service: String? {
        switch self {
        case .tokenMissing(let service), .tokenOfAnotherService(let service), .noReadyInstance(let service),
            .queueFull(let service), .queuedTooLong(let service), .upstreamUnreachable(let service),
            .upstreamFailed(let service), .upstreamTimedOut(let service):
            service
        case .malformedRequest, .unknownPath, .unsafePath, .methodNotAllowed, .modelNotNamed, .bodyEncoded,
            .modelNotInFirstPart, .modelTooLate, .tooManyHeldBodies, .bodyIncomplete, .bodyTooSlow, .bodyTooLarge,
            .unknownService,
            .tokenInvalid, .tokenExpired, .noRoutes, .rateLimited, .clientGone:
            nil
        }
    }
}
