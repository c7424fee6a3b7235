import HTTP
import InferenceGatewayCore

extension HTTPStatus {
    /// Sent to nobody: what logs and meters call the end of a request whose caller went away.
    static let clientClosedRequest: Self = 499
}

extension Refusal {
    /// After how long a caller may try again when nothing is ready.
    static let retryAfter: Duration = .seconds(1)

    var problem: Problem {
        Problem(
            status: status, code: code, title: title, detail: detail, retryAfter: retryAfter)
    }

    private var retryAfter: Duration? {
        switch self {
        case .rateLimited(let allowance): allowance.retryAfter
        case .tooManyHeldBodies, .noRoutes, .noReadyInstance, .upstreamUnreachable, .queueFull, .queuedTooLong:
            Self.retryAfter
        case .malformedRequest, .unknownPath, .unsafePath, .methodNotAllowed, .modelNotNamed, .bodyEncoded,
            .modelNotInFirstPart, .modelTooLate, .bodyIncomplete, .bodyTooSlow, .bodyTooLarge, .unknownService,
            .tokenMissing, .tokenInvalid,
            .tokenExpired, .tokenOfAnotherService, .upstreamFailed, .upstreamTimedOut, .clientGone:
            nil
        }
    }

    /// The one place where the gateway's refusals get a status.
    private var status: HTTPStatus {
        switch self {
        case .modelNotNamed(.tooLong): .notFound
        case .malformedRequest, .unsafePath, .modelNotNamed, .bodyIncomplete: .badRequest
        case .tokenMissing, .tokenInvalid, .tokenExpired: .unauthorized
        case .tokenOfAnotherService: .forbidden
        case .unknownPath, .unknownService: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .modelTooLate, .bodyTooSlow: .requestTimeout
        case .modelNotInFirstPart, .bodyTooLarge: .contentTooLarge
        case .bodyEncoded: .unsupportedMediaType
        case .clientGone: .clientClosedRequest
        case .rateLimited, .queueFull: .tooManyRequests
        case .upstreamFailed: .badGateway
        case .tooManyHeldBodies, .noRoutes, .noReadyInstance, .upstreamUnreachable, .queuedTooLong:
            .serviceUnavailable
        case .upstreamTimedOut: .gatewayTimeout
        }
    }

    private var title: String {
        switch self {
        case .malformedRequest: "The request is not acceptable"
        case .unknownPath, .unknownService: "Not found"
        case .unsafePath: "The path is not acceptable"
        case .methodNotAllowed: "The method is not allowed here"
        case .modelNotNamed: "No model is named"
        case .bodyEncoded: "The body cannot be read"
        case .modelNotInFirstPart, .bodyTooLarge: "The body is too large"
        case .tooManyHeldBodies, .noRoutes, .noReadyInstance, .upstreamUnreachable: "Not available right now"
        case .rateLimited: "More than the token grants"
        case .queueFull, .queuedTooLong: "Too busy right now"
        case .bodyIncomplete: "The body is incomplete"
        case .modelTooLate, .bodyTooSlow: "The body is too slow"
        case .tokenMissing: "A token is needed"
        case .tokenInvalid: "The token is not valid"
        case .tokenExpired: "The token has expired"
        case .tokenOfAnotherService: "Not allowed"
        case .upstreamFailed: "The engine failed"
        case .upstreamTimedOut: "Took too long"
        case .clientGone: "The caller is gone"
        }
    }

    private var detail: String {
        switch self {
        case .malformedRequest: "It was not taken."
        case .unknownPath: "The gateway serves /v1/…, /v2/… and /services/{name}/…."
        case .unsafePath: "It has a dot segment or a broken percent-escape."
        case .methodNotAllowed(let allowed): "Use \(allowed)."
        case .modelNotNamed(let cause): cause.sentence
        case .bodyEncoded(let encoding):
            "Its Content-Encoding is \"\(encoding.prefix(32))\", so that no \"model\" is found in it. Send it as it "
                + "is, or use /services/{name}/…."
        case .modelNotInFirstPart(let limit):
            "\"model\" is not in the first \(limit) bytes. Put it first, or use /services/{name}/…."
        case .modelTooLate:
            "\"model\" did not come in \(HTTPFields.text(NamedBody.searchDeadline)). Put it first in the body."
        case .tooManyHeldBodies:
            "Too many large bodies wait for their \"model\". Put it first in the body, or try again."
        case .bodyIncomplete: "It broke off before its end."
        case .bodyTooSlow: "Less of it came than must come in that time."
        case .bodyTooLarge(let limit): "It has more than \(limit) bytes."
        case .unknownService(let name): "The model \"\(name.prefix(128))\" does not exist."
        case .tokenMissing(let service):
            "The service \"\(service)\" is private. Send its endpoint token as: Authorization: Bearer TOKEN"
        case .tokenInvalid: "The token opens no service here. Send it as: Authorization: Bearer TOKEN"
        case .tokenExpired: "Make a new endpoint token."
        case .tokenOfAnotherService(let service): "The token is not one of the service \"\(service)\"."
        case .noRoutes: "The gateway has not learned yet which services there are. Try again."
        case .noReadyInstance(let service):
            "The service \"\(service)\" exists, but none of its instances is ready. Try again."
        case .rateLimited(let allowance):
            "The token grants \(allowance.limit) \(allowance.kind.rawValue) a minute. Try again in "
                + "\(HTTPFields.text(allowance.retryAfter))."
        case .queueFull(let service):
            "As many requests to the service \"\(service)\" wait as may. Try again, or give it more replicas."
        case .queuedTooLong(let service):
            "The instances of the service \"\(service)\" were busy for as long as a request may wait. Try again, or "
                + "give it more replicas."
        case .upstreamUnreachable(let service):
            "No instance of the service \"\(service)\" accepts connections. Try again."
        case .upstreamFailed(let service):
            "The engine of the service \"\(service)\" broke off before it answered, or its answer is no acceptable "
                + "HTTP. It may have begun to work on this."
        case .upstreamTimedOut(let service): "The service \"\(service)\" did not answer in time."
        case .clientGone: "The caller closed the connection."
        }
    }
}

extension ModelNameScanner.Problem {
    fileprivate var sentence: String {
        switch self {
        case .notAnObject: "The body must be a JSON object with the member \"model\", or a form with that field."
        case .missing: "The body has no \"model\"; it names the service that is to answer."
        case .notAString: "\"model\" must be a string."
        case .empty: "\"model\" must not be empty."
        case .tooLong: "\"model\" is longer than \(ModelNameScanner.maximumNameBytes) bytes."
        case .malformed: "The body is neither a valid JSON object nor a valid form."
        }
    }
}
