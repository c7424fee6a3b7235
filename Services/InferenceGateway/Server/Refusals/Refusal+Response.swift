import HTTP
import InferenceGatewayCore
import JSON
import Observability

extension Refusal {
    /// The refusal in the words of the protocol that the caller speaks.
    /// - Parameter inferenceProtocol: nil for a path that belongs to none.
    func response(_ inferenceProtocol: InferenceProtocol?, to call: Call) -> HTTPResponse {
        response(inferenceProtocol, problem, to: call.path, traceID: call.trace.traceID)
    }

    /// - Parameter path: without a query.
    func response(
        _ inferenceProtocol: InferenceProtocol?, _ problem: Problem, to path: Substring, traceID: String
    ) -> HTTPResponse {
        var response =
            switch inferenceProtocol {
            case .openAI: openAIResponse(problem)
            case .openInference: HTTPResponse.json(problem.status, ["error": .string(problem.detail)])
            case .service, nil: problem.response(instance: String(path), traceID: traceID)
            }
        if problem.status == .unauthorized { response.fields.set("WWW-Authenticate", "Bearer") }
        if let retryAfter = problem.retryAfter {
            // In whole seconds: a little too late rather than too soon.
            response.fields.set("Retry-After", String(max(1, Int((retryAfter / .seconds(1)).rounded(.up)))))
        }
        if case .rateLimited(let allowance) = self { response.fields.append(TokenBudget.Allowances(allowance)) }
        if case .methodNotAllowed(let allowed) = self { response.fields.append("Allow", allowed) }
        return response
    }

    /// OpenAI's error object, with its types.
    private func openAIResponse(_ problem: Problem) -> HTTPResponse {
        .json(
            problem.status,
            [
                "error": [
                    "message": .string(problem.detail),
                    "type": .string(openAIType),
                    "param": namesAModel ? "model" : nil,
                    "code": .string(code),
                ]
            ])
    }

    var openAIType: String {
        switch self {
        case .malformedRequest, .unknownPath, .unsafePath, .methodNotAllowed, .modelNotNamed, .bodyEncoded,
            .modelNotInFirstPart, .modelTooLate, .bodyIncomplete, .bodyTooSlow, .bodyTooLarge, .unknownService:
            "invalid_request_error"
        case .tokenMissing, .tokenInvalid, .tokenExpired: "authentication_error"
        case .tokenOfAnotherService: "permission_error"
        case .rateLimited(let allowance): allowance.kind.rawValue
        case .queueFull: "rate_limit_error"
        case .tooManyHeldBodies, .noRoutes, .noReadyInstance, .upstreamUnreachable, .queuedTooLong:
            "service_unavailable_error"
        case .upstreamFailed, .upstreamTimedOut, .clientGone: "server_error"
        }
    }

    private var namesAModel: Bool {
        switch self {
        case .modelNotNamed, .modelNotInFirstPart, .modelTooLate, .unknownService: true
        case .malformedRequest, .unknownPath, .unsafePath, .methodNotAllowed, .bodyEncoded, .tooManyHeldBodies,
            .bodyIncomplete, .bodyTooSlow, .bodyTooLarge, .tokenMissing, .tokenInvalid, .tokenExpired,
            .tokenOfAnotherService, .noRoutes, .noReadyInstance, .rateLimited, .queueFull, .queuedTooLong,
            .upstreamUnreachable, .upstreamFailed, .upstreamTimedOut, .clientGone:
            false
        }
    }
}

extension Refusal {
    /// Why a caller's body ended before its end.
    init(_ error: HTTPBodyError) {
        self =
            switch error {
            case .incomplete: .bodyIncomplete
            case .tooSlow: .bodyTooSlow
            case .tooLarge(let limit): .bodyTooLarge(limitBytes: limit)
            case .requestBodyFailed(let error): Refusal(error)
            case .cancelled: .clientGone
            }
    }
}
