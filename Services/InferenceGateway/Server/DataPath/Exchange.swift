import HTTP
import InferenceGatewayCore

/// An answer that an instance has begun, until it has ended in whatever way.
///
/// Followed by exactly one `end`, which gives the instance its place back.
struct Exchange: Sendable {
    /// A token of an English text is about four letters, and JSON around it is packed well.
    private static let compressedBytesPerToken = 4

    private let forwarding: Forwarding
    private let upstream: Upstream
    private let status: HTTPStatus
    /// From the request's arrival to the answer's head.
    private let firstByte: Duration
    private let accessLog: AccessLog
    private let usage: UsageInbox
    /// Of the answer; unknown if nothing goes by it.
    let form: AnswerForm
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
        form = forwarding.inferenceProtocol == .openInference ? .unknown : AnswerForm(response)
        mayTellTokens = form.content != .other && !form.isCompressed
        mustKnowTokens = form.content != .other && forwarding.grant?.budget?.limits.tokensPerMinute != nil
        firstByte = forwarding.call.started.duration(to: now)
    }

    /// - Parameter guess: of the tokens, for an answer that could be read and does not tell.
    func end(
        _ end: InstanceMeter.Outcome.End, at now: ContinuousClock.Instant, responseBytes: Int,
        tokens: TokenCounts? = nil, guess: Int = 0
    ) {
        if mustKnowTokens {
            let guess = form.isCompressed ? responseBytes / Self.compressedBytesPerToken : guess
            let spent = tokens.map { Int(clamping: $0.prompt + $0.completion) } ?? guess
            forwarding.grant?.budget?.spend(tokens: spent, at: now)
        }
        let duration = forwarding.call.started.duration(to: now)
        recordHealth(end, at: now)
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

    /// An answer that had begun well may break off all the same. Of a WebSocket that says nothing: either side may
    /// leave, or be silent for too long.
    private func recordHealth(_ end: InstanceMeter.Outcome.End, at now: ContinuousClock.Instant) {
        guard status.code < 500, status != .switchingProtocols else { return }
        switch end {
        case .complete: upstream.health.recordEnd()
        case .upstreamBroke: upstream.health.recordBreak(at: now)
        case .clientGone: break
        }
    }
}
