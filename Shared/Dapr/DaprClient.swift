import HTTP

/// Speaks to the sidecar of this process over HTTP: one state store, other apps, health and metadata.
///
/// It repeats nothing by itself: whoever knows what an operation means decides whether to try again.
public struct DaprClient: Sendable {
    /// Bytes of an answer that is read into memory.
    public static let maximumAnswerBytes = 64 << 20
    /// The header that carries `DAPR_API_TOKEN`.
    static let tokenField = "dapr-api-token"

    let stateStoreName: String
    let deadlines: DaprDeadlines
    private let transport: any HTTPTransport
    private let sidecar: HTTPOrigin
    private let apiToken: String?
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - stateStoreName: the component that `StateStore` reads and writes.
    ///   - apiToken: `DAPR_API_TOKEN`, if the sidecar wants one.
    ///   - clock: measures the deadlines.
    public init(
        transport: any HTTPTransport, sidecar: HTTPOrigin, stateStoreName: String, apiToken: String? = nil,
        deadlines: DaprDeadlines = DaprDeadlines(), clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.transport = transport
        self.sidecar = sidecar
        self.stateStoreName = stateStoreName
        self.apiToken = apiToken
        self.deadlines = deadlines
        self.clock = clock
    }

    /// Sends a call of the sidecar's own API and reads its whole answer, whatever its status.
    func call(_ request: HTTPRequest, within duration: Duration) async throws(DaprError) -> SidecarAnswer {
        let deadline = CallDeadline(
            duration: duration, clock: clock, name: "\(request.method) \(request.path.prefix(128))")
        return try await deadline.bound { () async throws(DaprError) -> SidecarAnswer in
            let response = try await send(request, within: duration)
            return try await SidecarAnswer(reading: response, limitBytes: Self.maximumAnswerBytes)
        }
    }

    /// Runs `exchange` with a bound on the whole of it.
    func bound<Value: Sendable>(
        _ name: String, within duration: Duration,
        _ exchange: @escaping @Sendable () async throws(DaprError) -> Value
    ) async throws(DaprError) -> Value {
        try await CallDeadline(duration: duration, clock: clock, name: name).bound(exchange)
    }

    /// Returns when the head of the answer is in.
    func send(_ request: HTTPRequest, within duration: Duration) async throws(DaprError) -> HTTPResponse {
        var request = request
        request.fields.remove(Self.tokenField)
        if let apiToken { request.fields.append(Self.tokenField, apiToken) }
        let deadlines = HTTPDeadlines(connect: min(duration, .seconds(2)), firstByte: duration, idle: duration)
        do throws(HTTPTransportError) {
            return try await transport.send(request, to: sidecar, deadlines: deadlines)
        } catch {
            throw DaprError(error)
        }
    }
}

extension DaprError {
    /// What a failed exchange with the sidecar means.
    init(_ error: HTTPTransportError) {
        switch error {
        case .connectFailed(let reason), .failed(let reason): self = .sidecarUnavailable(reason)
        case .requestBodyFailed(let error): self = .sidecarUnavailable("the request could not be sent whole: \(error)")
        case .timedOut(let what): self = .deadlineExceeded(what)
        case .cancelled: self = .deadlineExceeded("the call was cancelled")
        }
    }
}
