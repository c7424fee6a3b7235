import HTTP
import InferenceGatewayCore

/// Sends a request to an instance of its service and relays the answer as it comes.
struct Forwarder: Sendable {
    /// What an engine may take: a long prompt is read for minutes before its first token, and OpenAI's own clients
    /// wait ten minutes. To connect, enough for two lost attempts of the kernel's (it tries again after one second and
    /// after three): an engine that a thousand callers reach at once loses some.
    static let deadlines = HTTPDeadlines(connect: .seconds(5), firstByte: .seconds(600), idle: .seconds(300))

    private let plain: any HTTPTransport & AnyObject
    private let secure: any HTTPTransport & AnyObject
    private let numbers: SharedNumberGenerator
    private let accessLog: AccessLog
    private let usage: UsageInbox
    private let deadlines: HTTPDeadlines

    /// - Parameters:
    ///   - plain: for engines that speak `http`.
    ///   - secure: for those that speak `https`.
    init(
        plain: any HTTPTransport & AnyObject, secure: any HTTPTransport & AnyObject, numbers: SharedNumberGenerator,
        accessLog: AccessLog, usage: UsageInbox = UsageInbox(), deadlines: HTTPDeadlines = deadlines
    ) {
        self.plain = plain
        self.secure = secure
        self.numbers = numbers
        self.accessLog = accessLog
        self.usage = usage
        self.deadlines = deadlines
    }

    /// - Throws: a refusal only while nothing was sent to the caller. The body is the caller's to withdraw then.
    func forward(_ forwarding: Forwarding) async throws(Refusal) -> HTTPResponse {
        try forwarding.grant?.budget?.admit(at: forwarding.call.started)
        var asked = Balancer.Asked(random: numbers.next(), prefix: forwarding.prefix)
        while true {
            let upstream: Upstream
            switch forwarding.choose(asked) {
            case .taken(let free): upstream = free
            case .allBusy:
                do throws(Refusal) {
                    upstream = try await forwarding.route.queue.turn(of: forwarding.grant?.id, asked)
                } catch {
                    throw counted(error, forwarding, by: asked.tried.last)
                }
            case .nobodyLeft:
                let service = forwarding.route.name
                let refusal: Refusal =
                    asked.tried.isEmpty ? .noReadyInstance(service: service) : .upstreamUnreachable(service: service)
                throw counted(refusal, forwarding, by: asked.tried.last)
            }
            do throws(HTTPTransportError) {
                // Chosen here and not in a transport of its own: each asynchronous call costs.
                let transport = upstream.address.isTLS ? secure : plain
                var response = try await transport.send(
                    forwarding.request(to: upstream.address), to: HTTPOrigin(upstream.address), deadlines: deadlines)
                let now = ContinuousClock.now
                upstream.health.record(status: response.status.code, at: now)
                guard response.status == .serviceUnavailable,
                    forwarding.mayRepeat(after: .unavailable, at: upstream, attempts: asked.tried.count + 1)
                else {
                    relay(&response, forwarding, upstream, at: now)
                    return response
                }
                leave(upstream, forwarding)
                if case .stream(let stream, _) = response.body { stream.cancel() }
            } catch {
                try react(to: error, forwarding, upstream, attempts: asked.tried.count + 1)
            }
            asked.tried.append(upstream)
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
            case .requestBodyFailed(let error): (nil, Refusal(error))
            case .timedOut: (.timedOut, .upstreamTimedOut(service: service))
            case .cancelled: (nil, .clientGone)
            }
        switch failure {
        case .notSent, .timedOut: upstream.health.recordUnreachable(at: .now)
        case .sent, .unavailable: upstream.health.recordFailure(at: .now)
        case nil: break
        }
        if let failure, forwarding.mayRepeat(after: failure, at: upstream, attempts: attempts) {
            leave(upstream, forwarding)
            return
        }
        upstream.end()
        forwarding.route.queue.placeIsFree()
        throw counted(refusal, forwarding, by: upstream)
    }

    /// - Parameter upstream: the last that was given the request, and did not answer it: that one counts it.
    private func counted(_ refusal: Refusal, _ forwarding: Forwarding, by upstream: Upstream?) -> Refusal {
        if let upstream {
            usage.record(
                InstanceMeter.Outcome(
                    inferenceProtocol: forwarding.inferenceProtocol, status: refusal.problem.status.code,
                    end: refusal == .clientGone ? .clientGone : .complete,
                    duration: forwarding.call.started.duration(to: .now), firstByte: nil), of: upstream.meter)
        }
        return refusal
    }

    /// The request goes to another instance.
    private func leave(_ upstream: Upstream, _ forwarding: Forwarding) {
        upstream.end()
        forwarding.route.queue.placeIsFree()
        upstream.meter.recordFailedAttempt()
    }

    /// - Parameter now: when the answer's head was there; also all of the answer, if that came with it.
    private func relay(
        _ response: inout HTTPResponse, _ forwarding: Forwarding, _ upstream: Upstream,
        at now: ContinuousClock.Instant
    ) {
        let exchange = Exchange(forwarding, with: upstream, answering: response, at: now, accessLog, usage)
        let isEventStream = exchange.form.content == .events && !exchange.form.isCompressed
        if response.endsWithConnection, isEventStream, forwarding.streamsEndWithDone {
            response.body = response.body.endingWithDone
        }
        forwarding.call.completeResponse(&response.fields, forwarding.grant?.budget?.allowances(at: now))
        switch response.body {
        case .empty: exchange.end(.complete, at: now, responseBytes: 0)
        case .bytes(let bytes): exchange.end(with: bytes, at: now)
        case .stream(let stream, let length):
            let metered = MeteredStream(stream, of: exchange)
            let canTellOfFailure = forwarding.inferenceProtocol == .openAI && isEventStream && length == nil
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
