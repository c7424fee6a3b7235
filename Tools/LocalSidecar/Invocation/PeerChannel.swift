import HTTP

/// The way to an app through the local sidecar beside it. (Daprd speaks gRPC there; this is HTTP.)
struct PeerChannel: InvocationChannel {
    static let attempts = 3
    static let pause = Duration.seconds(1)
    /// Longer reasons of a peer are cut.
    static let maximumReasonBytes = 8 << 10
    /// Marks an answer that is not the app's.
    static let failureField = "Slipway-Peer-Failure"

    let appID: String
    let peer: HTTPOrigin
    let transport: any HTTPTransport
    /// `DAPR_API_TOKEN`, which sidecars of one installation share.
    let apiToken: String?
    let clock: any Clock<Duration>

    func send(_ request: HTTPRequest) async throws(InvocationFailure) -> HTTPResponse {
        var request = request
        if let apiToken { request.fields.set("Dapr-Api-Token", apiToken) }
        let response = try await exchange(request)
        guard response.fields.contains(Self.failureField) else { return response }
        let reason = (try? await response.body.collect(limitBytes: Self.maximumReasonBytes)) ?? []
        throw InvocationFailure(reason: String(decoding: reason, as: UTF8.self))
    }

    private func exchange(_ request: HTTPRequest) async throws(InvocationFailure) -> HTTPResponse {
        // A stream that was begun cannot be sent again.
        var attemptsLeft = Self.attempts
        if case .stream = request.body { attemptsLeft = 1 }
        while true {
            do throws(HTTPTransportError) {
                return try await transport.send(request, to: peer, deadlines: .invocation)
            } catch {
                attemptsLeft -= 1
                guard case .connectFailed = error, attemptsLeft > 0,
                    (try? await clock.sleep(for: Self.pause)) != nil
                else { throw failure(error) }
            }
        }
    }

    private func failure(_ error: HTTPTransportError) -> InvocationFailure {
        let detail =
            switch error {
            case .connectFailed(let reason):
                "\"transport: Error while dialing: \(peer.dialFailure(reason))\""
            case .failed, .requestBodyFailed, .timedOut, .cancelled: "\"\(error)\""
            }
        return InvocationFailure(
            reason: "failed to invoke target \(appID) after \(Self.attempts) retries. "
                + "Error: rpc error: code = Unavailable desc = connection error: desc = \(detail)")
    }
}
