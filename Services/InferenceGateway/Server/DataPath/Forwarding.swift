import HTTP
import InferenceGatewayCore

/// A request on its way to an engine of its service.
///
/// A class, like `Call`: what waits for an answer holds references, since the memory of suspended functions is dear.
final class Forwarding: Sendable {
    let call: Call
    let route: ServiceRoute
    let inferenceProtocol: InferenceProtocol
    /// What the engine is asked.
    let request: HTTPRequest
    /// The body, if it streams.
    private let offered: OfferedStream?

    /// - Parameter target: what the engine is asked for.
    init(
        _ call: Call, target: String, body: HTTPBody, to route: ServiceRoute, _ inferenceProtocol: InferenceProtocol
    ) {
        self.call = call
        self.route = route
        self.inferenceProtocol = inferenceProtocol
        var body = body
        if case .stream(let stream, let length) = body {
            let offered = OfferedStream(stream)
            body = .stream(offered, length: length)
            self.offered = offered
        } else {
            offered = nil
        }
        var request = HTTPRequest(call.method, target, fields: call.upstreamFields, body: body)
        // The protocols of `/v1` and `/v2` have none.
        if inferenceProtocol == .service { request.webSocketInput = call.webSocketInput }
        self.request = request
    }

    func mayRepeat(after failure: RepeatPolicy.Failure, attempts: Int) -> Bool {
        attempts < route.upstreams.count
            && RepeatPolicy.mayRepeat(
                after: failure, attempts: attempts, isIdempotent: request.method.isIdempotent,
                isReplayable: offered == nil)
    }

    /// No instance takes the body.
    func withdrawBody() { offered?.withdraw() }
}
