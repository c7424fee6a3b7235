import HTTP
import InferenceGatewayCore

/// The data path: finds the service that a request is for, admits its caller, and has it forwarded.
struct GatewayResponder: HTTPResponder {
    private let routes: CurrentRoutes
    private let admission: Admission
    private let forwarder: Forwarder
    private let refusals: RefusalMeter
    private let accessLog: AccessLog
    private let numbers: SharedNumberGenerator
    private let heldBytes = HeldBytesBudget()

    init(
        routes: CurrentRoutes, admission: Admission, forwarder: Forwarder, refusals: RefusalMeter,
        accessLog: AccessLog, numbers: SharedNumberGenerator
    ) {
        self.routes = routes
        self.admission = admission
        self.forwarder = forwarder
        self.refusals = refusals
        self.accessLog = accessLog
        self.numbers = numbers
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let call = Call(request, started: .now, numbers: numbers)
        let target = RequestTarget(request.target)
        do throws(Refusal) {
            switch try decide(call, target, request.body) {
            case .answer(let response): return finish(call, response)
            case .forward(let route, let target, let inferenceProtocol):
                return try await forwarder.forward(
                    call, target: target, body: request.body, to: route, inferenceProtocol)
            case .findModel(let stream, let length):
                let named = try await NamedBody.find(in: stream, length: length, budget: heldBytes)
                let route = try admit(call, named.modelName)
                return try await forwarder.forward(call, target: call.target, body: named.body, to: route, .openAI)
            }
        } catch {
            return refuse(call, target.inferenceProtocol, error)
        }
    }

    /// What to do with a request, as far as it can be told without waiting. Asynchronous calls cost more than what
    /// happens here, so there are none on the way of a request that arrived whole.
    private enum Decision {
        case answer(HTTPResponse)
        case forward(ServiceRoute, target: String, InferenceProtocol)
        case findModel(any ByteStream, length: Int?)
    }

    private func decide(_ call: Call, _ target: RequestTarget, _ body: HTTPBody) throws(Refusal) -> Decision {
        switch target {
        case .openAI:
            guard call.method == .post else { throw .methodNotAllowed(allowed: "POST") }
            if case .stream(let stream, let length) = body { return .findModel(stream, length: length) }
            return .forward(try admit(call, try NamedBody.name(in: body)), target: call.target, .openAI)
        case .service(let name, let rest):
            return .forward(try admit(call, name), target: rest, .service)
        case .modelList:
            try requireGet(call)
            let table = routes.table
            return .answer(ServiceListing.list(admission.usable(by: call.credentials, in: table)))
        case .modelEntry(let name):
            try requireGet(call)
            return .answer(ServiceListing.entry(try admit(call, name)))
        case .openInference: throw .openInferenceNotServed
        case .unknown: throw .unknownPath
        case .unsafePath: throw .unsafePath
        }
    }

    private func admit(_ call: Call, _ name: String) throws(Refusal) -> ServiceRoute {
        let table = routes.table
        guard let route = table[name] else { throw .unknownService(name) }
        if let refusal = admission.refusal(call.credentials, to: route, in: table) { throw refusal }
        return route
    }

    private func requireGet(_ call: Call) throws(Refusal) {
        guard call.method == .get || call.method == .head else { throw .methodNotAllowed(allowed: "GET, HEAD") }
    }

    private func finish(_ call: Call, _ response: HTTPResponse, refusal: Refusal? = nil) -> HTTPResponse {
        accessLog.record(call, response.status, call.started.duration(to: .now), refusal: refusal)
        return HTTPResponse(response.status, fields: call.responseFields(from: response.fields), body: response.body)
    }

    private func refuse(_ call: Call, _ inferenceProtocol: InferenceProtocol?, _ refusal: Refusal) -> HTTPResponse {
        refusals.record(refusal, inferenceProtocol)
        return finish(call, refusal.response(inferenceProtocol, to: call), refusal: refusal)
    }
}

extension RequestTarget {
    fileprivate var inferenceProtocol: InferenceProtocol? {
        switch self {
        case .modelList, .modelEntry, .openAI: .openAI
        case .openInference: .openInference
        case .service: .service
        case .unknown, .unsafePath: nil
        }
    }
}
