import EventLoop
import HTTP
import HTTPClient
import InferenceGatewayCore

/// Sends a request to an instance of its service and relays the answer as it comes.
final class Forwarder: Sendable {
    /// What an engine may take: a long prompt is read for minutes before its first token, and OpenAI's own clients
    /// wait ten minutes. To connect, enough for two lost attempts of the kernel's (it tries again after one second and
    /// after three): an engine that a thousand callers reach at once loses some.
    static let deadlines = HTTPDeadlines(connect: .seconds(5), firstByte: .seconds(600), idle: .seconds(300))

    private let plain: any HTTPTransport & AnyObject
    private let secure: any HTTPTransport & AnyObject
    /// `plain`, if it can do without a task.
    private let keepAlive: KeepAliveClient?
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
        keepAlive = plain as? KeepAliveClient
        self.numbers = numbers
        self.accessLog = accessLog
        self.usage = usage
        self.deadlines = deadlines
    }

    /// How a request got on without waiting.
    enum Start {
        case begun(ExchangeReference, with: Upstream)
        /// There is no connection yet.
        case taken(Upstream)
        case mustWait
    }

    /// Gives a request to an instance that is free, over a connection that lies idle.
    func begin(_ forwarding: Forwarding, _ receiver: any ResponseReceiver, on loop: isolated EventLoop) -> Start {
        guard forwarding.isWhole,
            case .taken(let upstream) = forwarding.choose(
                Balancer.Asked(random: numbers.next(), prefix: forwarding.prefix))
        else { return .mustWait }
        guard !upstream.address.isTLS,
            let exchange = keepAlive?.begin(
                forwarding.request(to: upstream.address), to: HTTPOrigin(upstream.address), deadlines: deadlines,
                receiver, on: loop)
        else { return .taken(upstream) }
        return .begun(exchange, with: upstream)
    }

    /// - Parameters:
    ///   - taken: the instance to begin with, if it is chosen.
    ///   - tried: that have had the request, in vain.
    /// - Throws: a refusal only while nothing was sent to the caller. The body is the caller's to withdraw then.
    func forward(
        _ forwarding: Forwarding, to taken: Upstream?, tried: [Upstream]
    ) async throws(Refusal) -> HTTPResponse {
        var asked = Balancer.Asked(random: numbers.next(), prefix: forwarding.prefix)
        asked.tried = tried
        var taken = taken
        while true {
            let upstream: Upstream
            if let first = taken.take() { upstream = first } else { upstream = try await place(of: forwarding, asked) }
            let response: HTTPResponse?
            do throws(HTTPTransportError) {
                // Chosen here and not in a transport of its own: each asynchronous call costs.
                let transport = upstream.address.isTLS ? secure : plain
                response = settle(
                    try await transport.send(
                        forwarding.request(to: upstream.address), to: HTTPOrigin(upstream.address),
                        deadlines: deadlines), forwarding, upstream, attempts: asked.tried.count + 1)
            } catch {
                try react(to: error, forwarding, upstream, attempts: asked.tried.count + 1)
                response = nil
            }
            if let response { return response }
            asked.tried.append(upstream)
        }
    }

    /// Waits for its turn, if all instances are busy.
    private func place(of forwarding: Forwarding, _ asked: Balancer.Asked) async throws(Refusal) -> Upstream {
        switch forwarding.choose(asked) {
        case .taken(let free): return free
        case .allBusy:
            do throws(Refusal) {
                return try await forwarding.route.queue.turn(of: forwarding.grant?.id, asked)
            } catch {
                throw counted(error, forwarding, by: asked.tried.last)
            }
        case .nobodyLeft:
            let service = forwarding.route.name
            let refusal: Refusal =
                asked.tried.isEmpty ? .noReadyInstance(service: service) : .upstreamUnreachable(service: service)
            throw counted(refusal, forwarding, by: asked.tried.last)
        }
    }

    /// - Returns: what the caller gets; nil if another instance may be asked.
    func settle(
        _ response: consuming HTTPResponse, _ forwarding: Forwarding, _ upstream: Upstream, attempts: Int
    ) -> HTTPResponse? {
        let now = ContinuousClock.now
        upstream.health.record(status: response.status.code, at: now)
        if response.status == .serviceUnavailable,
            forwarding.mayRepeat(after: .unavailable, at: upstream, attempts: attempts)
        {
            leave(upstream, forwarding)
            if case .stream(let stream, _) = response.body { stream.cancel() }
            return nil
        }
        relay(&response, forwarding, upstream, at: now)
        return response
    }

    /// Returns if another instance may be asked: that one counts the request.
    func react(
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
