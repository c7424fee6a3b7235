import HTTP
import InferenceGatewayCore

/// Sends a request to an instance of its service and relays the answer as it comes.
struct Forwarder: Sendable {
    /// What an engine may take: a long prompt is read for minutes before its first token, and OpenAI's own clients
    /// wait ten minutes.
    static let deadlines = HTTPDeadlines(connect: .seconds(2), firstByte: .seconds(600), idle: .seconds(300))

    private let plain: any HTTPTransport
    private let secure: any HTTPTransport
    private let numbers: SharedNumberGenerator
    private let accessLog: AccessLog
    private let usage: UsageInbox
    private let deadlines: HTTPDeadlines

    /// - Parameters:
    ///   - plain: for engines that speak `http`.
    ///   - secure: for those that speak `https`.
    init(
        plain: any HTTPTransport, secure: any HTTPTransport, numbers: SharedNumberGenerator, accessLog: AccessLog,
        usage: UsageInbox = UsageInbox(), deadlines: HTTPDeadlines = deadlines
    ) {
        self.plain = plain
        self.secure = secure
        self.numbers = numbers
        self.accessLog = accessLog
        self.usage = usage
        self.deadlines = deadlines
    }

    /// - Throws: a refusal only while nothing was sent to the caller.
    func forward(_ forwarding: Forwarding) async throws(Refusal) -> HTTPResponse {
        var tried: [Upstream] = []
        while let upstream = pick(for: forwarding, except: tried) {
            upstream.begin()
            do throws(HTTPTransportError) {
                // Chosen here and not in a transport of its own: each asynchronous call costs.
                let transport = upstream.address.isTLS ? secure : plain
                var response = try await transport.send(
                    forwarding.request, to: HTTPOrigin(upstream.address), deadlines: deadlines)
                relay(&response, forwarding, upstream)
                return response
            } catch {
                tried.append(upstream)
                try react(to: error, forwarding, upstream, attempts: tried.count)
            }
        }
        forwarding.withdrawBody()
        let service = forwarding.route.name
        throw tried.isEmpty ? .noReadyInstance(service: service) : .upstreamUnreachable(service: service)
    }

    private func pick(for forwarding: Forwarding, except tried: [Upstream]) -> Upstream? {
        PowerOfTwoChoices.pick(from: forwarding.route.upstreams, except: tried, random: numbers.next())
    }

    /// Returns if another instance may be asked: that one counts the request.
    private func react(
        to error: HTTPTransportError, _ forwarding: Forwarding, _ upstream: Upstream, attempts: Int
    ) throws(Refusal) {
        upstream.end()
        let service = forwarding.route.name
        let (failure, refusal): (RepeatPolicy.Failure?, Refusal) =
            switch error {
            case .connectFailed: (.notSent, .upstreamUnreachable(service: service))
            case .failed: (.sent, .upstreamFailed(service: service))
            case .timedOut: (.timedOut, .upstreamTimedOut(service: service))
            case .cancelled: (nil, .clientGone)
            }
        if let failure, forwarding.mayRepeat(after: failure, attempts: attempts) {
            upstream.meter.recordFailedAttempt()
            return
        }
        usage.record(
            InstanceMeter.Outcome(
                inferenceProtocol: forwarding.inferenceProtocol, status: refusal.problem.status.code,
                end: failure == nil ? .clientGone : .complete,
                duration: forwarding.call.started.duration(to: .now), firstByte: nil), of: upstream.meter)
        forwarding.withdrawBody()
        throw refusal
    }

    private func relay(_ response: inout HTTPResponse, _ forwarding: Forwarding, _ upstream: Upstream) {
        let exchange = Exchange(forwarding, with: upstream, answering: response, accessLog, usage)
        forwarding.call.completeResponse(&response.fields)
        switch response.body {
        case .empty: exchange.end(.complete, responseBytes: 0)
        case .bytes(let bytes):
            let tokens = exchange.mayTellTokens ? AnswerTail.tokens(in: bytes) : nil
            exchange.end(.complete, responseBytes: bytes.count, tokens: tokens)
        case .stream(let stream, let length):
            let metered = MeteredStream(stream, of: exchange)
            let canTellOfFailure = forwarding.inferenceProtocol == .openAI && response.isOpenEventStream
            response.body = .stream(
                canTellOfFailure ? OpenAIEventStream(metered, of: forwarding.route.name) : metered, length: length)
        }
    }
}

extension HTTPOrigin {
    init(_ address: UpstreamAddress) {
        self.init(scheme: address.isTLS ? .https : .http, host: address.host, port: address.port)
    }
}
