import HTTP

/// The way to the app beside this sidecar.
struct AppChannel: InvocationChannel {
    let app: HTTPOrigin
    let status: AppStatus
    let transport: any HTTPTransport
    /// `APP_API_TOKEN`, for every call to the app.
    let appToken: String?

    func send(_ request: HTTPRequest) async throws(InvocationFailure) -> HTTPResponse {
        guard status.isHealthy else {
            throw Self.failure("rpc error: code = Internal desc = app is not in a healthy state")
        }
        var request = request
        if let appToken { request.fields.set("Dapr-Api-Token", appToken) }
        do throws(HTTPTransportError) {
            return try await transport.send(request, to: app, deadlines: .invocation)
        } catch {
            throw Self.failure(words(error, request))
        }
    }

    static func failure(_ reason: String) -> InvocationFailure {
        InvocationFailure(reason: "rpc error: code = Internal desc = error invoking app channel: \(reason)")
    }

    /// As Go's HTTP client puts it.
    private func words(_ error: HTTPTransportError, _ request: HTTPRequest) -> String {
        let method = request.method.rawValue
        let call = "\(method.prefix(1))\(method.dropFirst().lowercased()) \"\(app)\(request.target)\": "
        return switch error {
        case .connectFailed(let reason):
            call + app.dialFailure(reason)
        case .failed: call + "EOF"
        case .requestBodyFailed: call + "unexpected EOF"
        case .timedOut: call + "context deadline exceeded"
        case .cancelled: call + "context canceled"
        }
    }
}

extension HTTPOrigin {
    /// As Go says that a connection could not be made.
    func dialFailure(_ reason: String) -> String {
        let isRefused = reason.lowercased().contains("refused")
        return "dial tcp \(authority): " + (isRefused ? "connect: connection refused" : reason)
    }
}
