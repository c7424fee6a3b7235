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
    private let deadlines: HTTPDeadlines

    /// - Parameters:
    ///   - plain: for engines that speak `http`.
    ///   - secure: for those that speak `https`.
    init(
        plain: any HTTPTransport, secure: any HTTPTransport, numbers: SharedNumberGenerator, accessLog: AccessLog,
        deadlines: HTTPDeadlines = deadlines
    ) {
        self.plain = plain
        self.secure = secure
        self.numbers = numbers
        self.accessLog = accessLog
        self.deadlines = deadlines
    }

    /// - Parameter target: what the engine is asked for.
    /// - Throws: a refusal only while nothing was sent to the caller.
    func forward(
        _ call: Call, target: String, body: HTTPBody, to route: ServiceRoute, _ inferenceProtocol: InferenceProtocol
    ) async throws(Refusal) -> HTTPResponse {
        let request = HTTPRequest(call.method, target, fields: call.upstreamFields, body: body)
        var tried: [Upstream] = []
        while let upstream = PowerOfTwoChoices.pick(from: route.upstreams, except: tried, random: numbers.next()) {
            var exchange = Exchange(call, to: upstream, of: route, inferenceProtocol, accessLog)
            do throws(HTTPTransportError) {
                // Chosen here and not in a transport of its own: each asynchronous call costs.
                let transport = upstream.address.isTLS ? secure : plain
                let response = try await transport.send(
                    request, to: HTTPOrigin(upstream.address), deadlines: deadlines)
                exchange.answerBegan(response.status)
                return relay(response, exchange)
            } catch {
                tried.append(upstream)
                try react(to: error, exchange, request, attempts: tried.count)
            }
        }
        throw tried.isEmpty ? .noReadyInstance(service: route.name) : .upstreamUnreachable(service: route.name)
    }

    /// Returns if another instance may be asked.
    private func react(
        to error: HTTPTransportError, _ exchange: Exchange, _ request: HTTPRequest, attempts: Int
    ) throws(Refusal) {
        let failure: RepeatPolicy.Failure
        let refusal: Refusal
        switch error {
        case .connectFailed: (failure, refusal) = (.notSent, .upstreamUnreachable(service: exchange.route.name))
        case .failed: (failure, refusal) = (.sent, .upstreamFailed(service: exchange.route.name))
        case .timedOut: (failure, refusal) = (.timedOut, .upstreamTimedOut(service: exchange.route.name))
        case .cancelled:
            exchange.endWithoutAnswer(.clientClosedRequest)
            throw .clientGone
        }
        let mayRepeat = RepeatPolicy.mayRepeat(
            after: failure, attempts: attempts, isIdempotent: request.method.isIdempotent,
            isReplayable: request.body.isReplayable)
        if mayRepeat, exchange.route.upstreams.count > attempts {
            exchange.giveUp()
        } else {
            exchange.endWithoutAnswer(refusal.problem.status)
            throw refusal
        }
    }

    private func relay(_ response: HTTPResponse, _ exchange: Exchange) -> HTTPResponse {
        let fields = exchange.call.responseFields(from: response.fields)
        switch response.body {
        case .empty:
            exchange.end(.complete, responseBytes: 0)
            return HTTPResponse(response.status, fields: fields)
        case .bytes(let bytes):
            exchange.end(.complete, responseBytes: bytes.count)
            return HTTPResponse(response.status, fields: fields, body: response.body)
        case .stream(let stream, let length):
            let metered = MeteredStream(stream, of: exchange)
            return HTTPResponse(response.status, fields: fields, body: .stream(metered, length: length))
        }
    }
}

extension HTTPBody {
    fileprivate var isReplayable: Bool {
        switch self {
        case .empty, .bytes: true
        case .stream: false
        }
    }
}

extension HTTPOrigin {
    init(_ address: UpstreamAddress) {
        self.init(scheme: address.isTLS ? .https : .http, host: address.host, port: address.port)
    }
}
