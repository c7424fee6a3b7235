import HTTP
import HTTPServer
import InferenceGatewayCore
import Observability

/// The data path: finds the service that a request is for, admits its caller, and has it forwarded.
final class GatewayResponder: HTTPResponder {
    private let routes: CurrentRoutes
    private let polls: RoutePolls
    private let admission: Admission
    let forwarder: Forwarder
    private let refusals: RefusalMeter
    private let accessLog: AccessLog
    private let numbers: SharedNumberGenerator
    private let heldBytes = HeldBytesBudget()

    init(
        routes: CurrentRoutes, polls: RoutePolls, admission: Admission, forwarder: Forwarder, refusals: RefusalMeter,
        accessLog: AccessLog, numbers: SharedNumberGenerator
    ) {
        self.routes = routes
        self.polls = polls
        self.admission = admission
        self.forwarder = forwarder
        self.refusals = refusals
        self.accessLog = accessLog
        self.numbers = numbers
    }

    func respond(to request: consuming HTTPRequest) async -> HTTPResponse { await carryOut(decide(request)) }

    func refuse(_ error: HTTPParseError) -> HTTPResponse? {
        let target = error.target ?? ""
        let inferenceProtocol = RequestTarget.inferenceProtocol(of: target)
        refusals.record(.malformedRequest, inferenceProtocol)
        let trace = TraceContext(
            traceHigh: numbers.next(), traceLow: numbers.next() | 1, span: numbers.next() | 1, isSampled: true)
        var response = Refusal.malformedRequest.response(
            inferenceProtocol, Problem(error), to: target.prefix { $0 != "?" }, traceID: trace.traceID)
        response.fields.append("X-Request-Id", trace.traceID)
        return response
    }

    /// What to do with a request, as far as it can be told without waiting.
    enum Decision {
        case answer(HTTPResponse)
        case forward(Forwarding)
        case wait(Reply.Answer)
    }

    private func carryOut(_ decision: Decision) async -> HTTPResponse {
        switch decision {
        case .answer(let response): response
        case .forward(let forwarding): await forward(forwarding)
        case .wait(let answer): await answer()
        }
    }

    func decide(_ request: consuming HTTPRequest) -> Decision {
        let body = request.body
        let target = RequestTarget(request.target)
        let isRead = target.inferenceProtocol == .openAI
        return decide(Call(consume request, isRead: isRead, started: .now, numbers: numbers), target, body)
    }

    /// - Parameter mayWait: for newer routes, if they may change a refusal.
    private func decide(
        _ call: Call, _ target: RequestTarget, _ body: HTTPBody, mayWait: Bool = true
    ) -> Decision {
        do throws(Refusal) {
            return try decision(call, target, body)
        } catch {
            guard mayWait, mayBeOutdated(error, call) else {
                return .answer(refuse(call, target.inferenceProtocol, error))
            }
            return .wait { await self.lookAgain(call, target, body) }
        }
    }

    /// Decides anew with what ModelServing says by then.
    private func lookAgain(_ call: Call, _ target: RequestTarget, _ body: HTTPBody) async -> HTTPResponse {
        await polls.next()
        return await carryOut(decide(call, target, body, mayWait: false))
    }

    private func decision(_ call: Call, _ target: RequestTarget, _ body: HTTPBody) throws(Refusal) -> Decision {
        switch target {
        case .openAI:
            guard call.method == .post else { throw .methodNotAllowed(allowed: "POST") }
            if case .stream(let stream, let length) = body {
                return .wait { await self.findModel(call, in: stream, length: length) }
            }
            let admitted = try admit(call, try NamedBody.name(in: body, boundary: { call.formBoundary }))
            return .forward(Forwarding(call, target: call.target, body: body, to: admitted, .openAI))
        case .service(let name, let rest):
            return .forward(Forwarding(call, target: rest, body: body, to: try admit(call, name), .service))
        case .modelList:
            try requireGet(call)
            let table = routes.table
            return .answer(finish(call, ServiceListing.list(admission.usable(by: call.credentials, in: table))))
        case .modelEntry(let name):
            try requireGet(call)
            return .answer(finish(call, ServiceListing.entry(try admit(call, name).route)))
        case .openInference(let asked): return try decision(call, asked, body)
        case .unknown: throw .unknownPath
        case .unsafePath: throw .unsafePath
        }
    }

    /// Of servers the gateway itself answers, of models their engines do.
    private func decision(
        _ call: Call, _ asked: OpenInferenceTarget, _ body: HTTPBody
    ) throws(Refusal) -> Decision {
        if let allowed = asked.allowedMethods(beside: call.method) { throw .methodNotAllowed(allowed: allowed) }
        switch asked {
        case .serverMetadata: return .answer(finish(call, OpenInferenceAnswer.metadata))
        case .serverLive: return .answer(finish(call, OpenInferenceAnswer.live))
        case .serverReady:
            guard routes.table !== RouteTable.empty else { throw .noRoutes }
            return .answer(finish(call, OpenInferenceAnswer.ready))
        case .model(let name, .live):
            let route = try admit(call, name).route
            guard !route.upstreams.isEmpty else { throw .noReadyInstance(service: name) }
            return .answer(finish(call, OpenInferenceAnswer.live))
        case .model(let name, _):
            return .forward(
                Forwarding(call, target: call.target, body: body, to: try admit(call, name), .openInference))
        case .unknown: throw .unknownPath
        }
    }

    private func forward(_ forwarding: Forwarding) async -> HTTPResponse {
        do throws(Refusal) {
            try forwarding.admit()
        } catch {
            return refuse(forwarding, error)
        }
        return await forward(forwarding, to: nil, tried: [])
    }

    /// Forwards what is admitted, with a task. See `Forwarder.forward`.
    func waiting(for forwarding: Forwarding, to taken: Upstream? = nil, tried: [Upstream] = []) -> Reply.Answer {
        { await self.forward(forwarding, to: taken, tried: tried) }
    }

    private func forward(_ forwarding: Forwarding, to taken: Upstream?, tried: [Upstream]) async -> HTTPResponse {
        do throws(Refusal) {
            return forwarding.complete(try await forwarder.forward(forwarding, to: taken, tried: tried))
        } catch {
            return refuse(forwarding, error)
        }
    }

    func refuse(_ forwarding: Forwarding, _ refusal: Refusal) -> HTTPResponse {
        forwarding.withdrawBody()
        return refuse(forwarding.call, forwarding.inferenceProtocol, refusal, of: forwarding.route.name)
    }

    private func findModel(_ call: Call, in stream: any ByteStream, length: Int?) async -> HTTPResponse {
        do throws(Refusal) {
            let named = try await NamedBody.find(
                in: stream, length: length, budget: heldBytes, stranger: { await strangersRefusal(call) },
                boundary: { call.formBoundary })
            let admitted = try await admitInTheEnd(call, named.modelName)
            return await forward(
                Forwarding(
                    call, target: call.target, body: named.body, bodyStart: named.start, to: admitted, .openAI))
        } catch {
            return refuse(call, .openAI, error)
        }
    }

    /// Why the caller cannot use any service there is, after a look at newer routes; nil if it can.
    private func strangersRefusal(_ call: Call) async -> Refusal? {
        if admission.mayUseAny(call.credentials, in: routes.table) { return nil }
        if case .token = call.credentials { await polls.next() }
        return admission.mayUseAny(call.credentials, in: routes.table) ? nil : .tokenInvalid
    }

    private func admit(_ call: Call, _ name: String) throws(Refusal) -> Admitted {
        let table = routes.table
        guard let route = table[name] else { throw .unknownService(name) }
        return Admitted(route: route, grant: try admission.admit(call.credentials, to: route, in: table))
    }

    /// As `admit`, after a look at newer routes if they may change it.
    private func admitInTheEnd(_ call: Call, _ name: String) async throws(Refusal) -> Admitted {
        do throws(Refusal) {
            return try admit(call, name)
        } catch {
            guard mayBeOutdated(error, call) else { throw error }
        }
        await polls.next()
        return try admit(call, name)
    }

    /// Whether it is about a token that may have been made after the routes in force. With its first token a private
    /// service comes into the routes.
    private func mayBeOutdated(_ refusal: Refusal, _ call: Call) -> Bool {
        guard case .token = call.credentials else { return false }
        if case .unknownService = refusal { return !admission.knows(call.credentials, in: routes.table) }
        return refusal == .tokenInvalid
    }

    private func requireGet(_ call: Call) throws(Refusal) {
        guard call.method == .get || call.method == .head else { throw .methodNotAllowed(allowed: "GET, HEAD") }
    }

    private func finish(
        _ call: Call, _ response: HTTPResponse, refusal: Refusal? = nil, of service: String? = nil
    ) -> HTTPResponse {
        accessLog.record(
            call, response.status, call.started.duration(to: .now), refusal: refusal, service: service)
        var response = response
        call.completeResponse(&response.fields)
        return response
    }

    /// - Parameter service: whose route was found; else what the refusal says.
    private func refuse(
        _ call: Call, _ inferenceProtocol: InferenceProtocol?, _ refusal: Refusal, of service: String? = nil
    ) -> HTTPResponse {
        var refusal = refusal
        // Then that is why no name was found.
        if case .modelNotNamed = refusal, let encoding = call.bodyEncoding { refusal = .bodyEncoded(encoding) }
        refusals.record(refusal, inferenceProtocol, service: service)
        return finish(call, refusal.response(inferenceProtocol, to: call), refusal: refusal, of: service)
    }
}

extension RequestTarget {
    fileprivate var inferenceProtocol: InferenceProtocol? {
        switch self {
        case .modelList, .modelEntry, .openAI: .openAI
        case .openInference: .openInference
        case .service: .service
        case .unknown(let prefix), .unsafePath(let prefix): prefix
        }
    }
}
