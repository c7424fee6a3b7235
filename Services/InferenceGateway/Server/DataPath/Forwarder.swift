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
        do throws(Refusal) {
            try forwarding.grant?.budget?.admit(at: forwarding.call.started)
            return try await send(forwarding)
        } catch {
            forwarding.withdrawBody()
            throw error
        }
    }

    private func send(_ forwarding: Forwarding) async throws(Refusal) -> HTTPResponse {
        var asked = Balancer.Asked(random: numbers.next(), prefix: forwarding.prefix)
        while true {
            let upstream: Upstream
            switch forwarding.route.balancer.choose(asked, now: { .now }) {
            case .taken(let free): upstream = free
            case .allBusy: upstream = try await forwarding.route.queue.turn(of: forwarding.grant?.id, asked)
            case .nobodyLeft:
                let service = forwarding.route.name
                throw asked.tried.isEmpty
                    ? .noReadyInstance(service: service) : .upstreamUnreachable(service: service)
            }
            asked.tried.append(upstream)
            do throws(HTTPTransportError) {
                // Chosen here and not in a transport of its own: each asynchronous call costs.
                let transport = upstream.address.isTLS ? secure : plain
                var response = try await transport.send(
                    forwarding.request, to: HTTPOrigin(upstream.address), deadlines: deadlines)
                upstream.health.record(status: response.status.code, at: .now)
                if response.status == .serviceUnavailable,
                    forwarding.mayRepeat(after: .unavailable, attempts: asked.tried.count)
                {
                    leave(upstream, forwarding)
                    if case .stream(let stream, _) = response.body { stream.cancel() }
                    continue
                }
                relay(&response, forwarding, upstream)
                return response
            } catch {
                try react(to: error, forwarding, upstream, attempts: asked.tried.count)
            }
        }
    }

    /// Returns if another instance may be asked: that one counts the request.
    private func react(
        to error: HTTPTransportError, _ forwarding: Forwarding, _ upstream: Upstream, attempts: Int
    ) throws(Refusal) {
        let service = forwarding.route.name
        let (failure, refusal): (RepeatPolicy.Failure?, Refusal) =
            switch error {
            case .connectFailed: (.notSent, .upstreamUnreachable(service: service))
            case .failed: (.sent, .upstreamFailed(service: service))
            case .timedOut: (.timedOut, .upstreamTimedOut(service: service))
            case .cancelled: (nil, .clientGone)
            }
        switch failure {
        case .notSent: upstream.health.recordUnreachable(at: .now)
        case .sent, .unavailable, .timedOut: upstream.health.recordFailure(at: .now)
        case nil: break
        }
        if let failure, forwarding.mayRepeat(after: failure, attempts: attempts) {
            leave(upstream, forwarding)
            return
        }
        upstream.end()
        forwarding.route.queue.placeIsFree()
        usage.record(
            InstanceMeter.Outcome(
                inferenceProtocol: forwarding.inferenceProtocol, status: refusal.problem.status.code,
                end: failure == nil ? .clientGone : .complete,
                duration: forwarding.call.started.duration(to: .now), firstByte: nil), of: upstream.meter)
        throw refusal
    }

    /// The request goes to another instance.
    private func leave(_ upstream: Upstream, _ forwarding: Forwarding) {
        upstream.end()
        forwarding.route.queue.placeIsFree()
        upstream.meter.recordFailedAttempt()
    }

    private func relay(_ response: inout HTTPResponse, _ forwarding: Forwarding, _ upstream: Upstream) {
        let exchange = Exchange(forwarding, with: upstream, answering: response, accessLog, usage)
        forwarding.call.completeResponse(&response.fields)
        if let budget = forwarding.grant?.budget { response.fields.append(budget.allowances(at: .now)) }
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
