import HTTP
import InferenceGatewayCore
import JSON

/// What the gateway itself answers on `/v2`, in the words of the Open Inference Protocol.
enum OpenInferenceAnswer {
    static var live: HTTPResponse { .json(.ok, ["live": true]) }

    static var ready: HTTPResponse { .json(.ok, ["ready": true]) }

    static var metadata: HTTPResponse {
        .json(.ok, ["name": "slipway", "version": "1", "extensions": ["binary_tensor_data"]])
    }

    /// Puts into words what engines say about a ready model by the status alone: some clients read the body.
    static func complete(_ response: inout HTTPResponse, to call: Call) {
        guard case .empty = response.body, response.status == .ok, call.method == .get, call.path.hasSuffix("/ready")
        else { return }
        let words = ready
        response.body = words.body
        response.fields.set("Content-Type", "application/json")
    }
}

extension OpenInferenceTarget {
    /// What to use instead of `method`; nil if that is right.
    func allowedMethods(beside method: HTTPMethod) -> String? {
        switch self {
        case .serverMetadata, .serverLive, .serverReady, .model(_, .metadata), .model(_, .ready):
            method == .get || method == .head ? nil : "GET, HEAD"
        case .model(_, .live): method == .get || method == .head || method == .post ? nil : "GET, HEAD, POST"
        case .model(_, .infer): method == .post ? nil : "POST"
        case .model(_, .other), .unknown: nil
        }
    }
}

extension Forwarding {
    /// Adds to an engine's answer what its protocol asks for besides.
    func complete(_ response: consuming HTTPResponse) -> HTTPResponse {
        if inferenceProtocol == .openInference { OpenInferenceAnswer.complete(&response, to: call) }
        return response
    }
}
