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
    private let mayTellTokens: Bool
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
        let isOpenInference = forwarding.inferenceProtocol == .openInference
        form = isOpenInference && !response.isStream ? .unknown : AnswerForm(response)
        mayTellTokens = !isOpenInference && form.content != nil && !form.isCompressed
        mustKnowTokens =
            !isOpenInference && form.content != nil && forwarding.grant?.budget?.limits.tokensPerMinute != nil
        firstByte = forwarding.call.started.duration(to: now)
    }

    /// From the request's arrival, which is what times of its answer are told from.
    func elapsed(at now: ContinuousClock.Instant) -> Duration { forwarding.call.started.duration(to: now) }

    /// What finds the tokens in the answer; nil if it can tell of none.
    var tokenUsage: TokenUsage? { mayTellTokens ? form.content.map { TokenUsage(in: $0) } : nil }

    /// Of an answer that is there as a whole, with its head.
    func end(with bytes: [UInt8], at now: ContinuousClock.Instant) {
        var tokenUsage = tokenUsage
        tokenUsage?.append(whole: bytes.span)
        end(
            .complete, at: now, responseBytes: bytes.count, firstToken: form.content == .events ? firstByte : nil,
            tokens: tokenUsage?.tokens)
    }

    /// - Parameters:
    ///   - firstToken: until the first piece of a stream of events.
    ///   - guess: of the tokens, for an answer that could be read and does not tell.
    func end(
        _ end: InstanceMeter.Outcome.End, at now: ContinuousClock.Instant, responseBytes: Int,
        firstToken: Duration? = nil, tokens: TokenCounts? = nil, guess: Int = 0
    ) {
        if mustKnowTokens {
            let guess = form.isCompressed ? responseBytes / Self.compressedBytesPerToken : guess
            let spent = tokens.map { Int(clamping: $0.prompt + $0.completion) } ?? guess
            forwarding.grant?.budget?.spend(tokens: spent, at: now)
        }
        let duration = elapsed(at: now)
        recordHealth(end, at: now)
        upstream.end()
        forwarding.route.queue.placeIsFree()
        usage.record(
            InstanceMeter.Outcome(
                inferenceProtocol: forwarding.inferenceProtocol, status: status.code, end: end, duration: duration,
                firstByte: firstByte, firstToken: firstToken, tokens: tokens), of: upstream.meter)
        accessLog.record(
            forwarding.call, status, duration, hasBrokenOff: end == .upstreamBroke,
            served: AccessLog.Served(
                meter: upstream.meter, end: end, firstByte: firstByte, firstToken: firstToken,
                responseBytes: responseBytes))
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

extension HTTPResponse {
    fileprivate var isStream: Bool {
        if case .stream = body { return true }
        return false
    }
}
