import HTTP
import InferenceGatewayCore

/// An answer that an instance has begun, until it has ended in whatever way.
///
/// Followed by exactly one `end`, which gives the instance its place back.
struct Exchange: Sendable {
    private let forwarding: Forwarding
    private let upstream: Upstream
    private let status: HTTPStatus
    /// From the request's arrival to the answer's head.
    private let firstByte: Duration
    private let accessLog: AccessLog
    private let usage: UsageInbox
    /// Whether the answer may say how many tokens it cost.
    let mayTellTokens: Bool
    /// Whether it counts against an allowance, so that it has to be guessed if the answer does not say.
    let mustKnowTokens: Bool

    init(
        _ forwarding: Forwarding, with upstream: Upstream, answering response: borrowing HTTPResponse,
        at now: ContinuousClock.Instant, _ accessLog: AccessLog, _ usage: UsageInbox
    ) {
        self.forwarding = forwarding
        self.upstream = upstream
        status = response.status
        self.accessLog = accessLog
        self.usage = usage
        mayTellTokens = forwarding.inferenceProtocol != .openInference && response.mayTellTokens
        mustKnowTokens = mayTellTokens && forwarding.grant?.budget?.limits.tokensPerMinute != nil
        firstByte = forwarding.call.started.duration(to: now)
    }

    /// - Parameter guess: of the tokens, for an answer that does not tell.
    func end(
        _ end: InstanceMeter.Outcome.End, at now: ContinuousClock.Instant, responseBytes: Int,
        tokens: TokenCounts? = nil, guess: Int = 0
    ) {
        if mustKnowTokens {
            let spent = tokens.map { Int(clamping: $0.prompt + $0.completion) } ?? guess
            forwarding.grant?.budget?.spend(tokens: spent, at: now)
        }
        let duration = forwarding.call.started.duration(to: now)
        upstream.end()
        forwarding.route.queue.placeIsFree()
        usage.record(
            InstanceMeter.Outcome(
                inferenceProtocol: forwarding.inferenceProtocol, status: status.code, end: end, duration: duration,
                firstByte: firstByte, tokens: tokens), of: upstream.meter)
        accessLog.record(
            forwarding.call, status, duration, hasBrokenOff: end == .upstreamBroke,
            served: AccessLog.Served(
                meter: upstream.meter, end: end, firstByte: firstByte, responseBytes: responseBytes))
    }
}

extension HTTPResponse {
    /// JSON and streams of events, and nothing that is compressed.
    fileprivate var mayTellTokens: Bool {
        guard (200..<300).contains(status.code) else { return false }
        var type: HTTPFields.Span?
        // Without a text of each, since most answers are asked this.
        let storage = fields.storage.span
        for span in fields.spans {
            let nameBytes = span.nameEnd - span.nameStart
            if nameBytes == 12, type == nil, span.isNamed("content-type", in: storage) { type = span }
            if nameBytes == 16, span.isNamed("content-encoding", in: storage) { return false }
        }
        guard let type else { return false }
        return type.valueBegins(with: "application/json", in: storage)
            || type.valueBegins(with: "text/event-stream", in: storage)
    }
}
