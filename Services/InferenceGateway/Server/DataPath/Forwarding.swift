import HTTP
import InferenceGatewayCore

/// A request on its way to an engine of its service.
///
/// A class, like `Call`: what waits for an answer holds references, since the memory of suspended functions is dear.
final class Forwarding: Sendable {
    let call: Call
    let route: ServiceRoute
    /// The caller's token; nil if the route needs none.
    let grant: TokenGrant?
    /// A hash of the prompt's beginning, if the route goes by it.
    let prefix: UInt64?
    let inferenceProtocol: InferenceProtocol
    /// What an engine is asked for that answers at its root.
    private let target: String
    private let body: HTTPBody
    /// The body, if it streams.
    private let offered: OfferedStream?

    /// - Parameters:
    ///   - target: what the engine is asked for.
    ///   - bodyStart: the first bytes of a body that streams, if they were read.
    init(
        _ call: Call, target: String, body: HTTPBody, bodyStart: [UInt8] = [], to admitted: Admitted,
        _ inferenceProtocol: InferenceProtocol
    ) {
        self.call = call
        route = admitted.route
        grant = admitted.grant
        self.inferenceProtocol = inferenceProtocol
        if admitted.route.traffic.hasPrefixAffinity, inferenceProtocol == .openAI {
            if case .bytes(let bytes) = body {
                prefix = PromptPrefix.hash(in: bytes.span)
            } else {
                prefix = PromptPrefix.hash(in: bodyStart.span)
            }
        } else {
            prefix = nil
        }
        self.target = target
        if case .stream(let stream, let length) = body {
            let offered = OfferedStream(stream)
            self.body = .stream(offered, length: length)
            self.offered = offered
        } else {
            self.body = body
            offered = nil
        }
    }

    /// What the engine at `address` is asked.
    @inline(__always)
    func request(to address: UpstreamAddress) -> HTTPRequest {
        HTTPRequest(
            call.method, address.pathPrefix.isEmpty ? target : address.pathPrefix + target, fields: call.upstreamFields,
            body: body,
            // The protocols of `/v1` and `/v2` have no WebSockets.
            webSocketInput: inferenceProtocol == .service ? call.webSocketInput : nil)
    }

    /// There is nothing to send but what is here.
    var isWhole: Bool { offered == nil && (inferenceProtocol != .service || call.webSocketInput == nil) }

    /// Counts it against the limit of its caller's requests.
    func admit() throws(Refusal) { try grant?.budget?.admit(at: call.started) }

    /// An instance of its route; after a failure, of those that the service has by then.
    @inline(__always)
    func choose(_ asked: Balancer.Asked) -> Balancer.Choice {
        guard asked.tried.isEmpty else { return route.queue.balancer.choose(asked, now: { .now }) }
        return route.balancer.choose(asked, now: { .now })
    }

    /// Whether it may go to another instance, which then counts against the service's allowance.
    func mayRepeat(after failure: RepeatPolicy.Failure, at upstream: Upstream, attempts: Int) -> Bool {
        RepeatPolicy.mayRepeat(
            after: failure, attempts: attempts, isSafe: isSafeToRepeat, isReplayable: offered == nil)
            && route.queue.balancer.upstreams.contains { $0 !== upstream }
            && route.mayRepeat(at: .now)
    }

    private var isSafeToRepeat: Bool {
        call.method.isIdempotent || (RepeatPolicy.isComputation(inferenceProtocol, call.path) && !continuesASequence)
    }

    /// Whether a tensor request is one of a sequence, whose engine remembers what came before.
    private var continuesASequence: Bool {
        guard inferenceProtocol == .openInference, case .bytes(let bytes) = body else { return false }
        return bytes.firstRange(of: #""sequence_id""#.utf8) != nil
    }

    /// Whether the last event of a stream is known.
    var streamsEndWithDone: Bool {
        inferenceProtocol == .openAI && OpenAIPaths.streamsEndingWithDone.contains(call.path)
    }

    /// No instance takes the body.
    func withdrawBody() { offered?.withdraw() }
}

/// A route whose caller may use it.
struct Admitted: Sendable {
    let route: ServiceRoute
    let grant: TokenGrant?
}
