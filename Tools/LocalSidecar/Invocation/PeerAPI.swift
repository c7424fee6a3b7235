import Cryptography
import HTTP

/// What the other sidecars of an installation call: the app beside this one, addressed by the request's own path.
struct PeerAPI: HTTPResponder {
    let channel: AppChannel?
    /// `DAPR_API_TOKEN`; nil lets everybody in.
    let apiToken: String?

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        if let apiToken, !constantTimeEquals(request.fields["dapr-api-token"] ?? "", apiToken) {
            return Self.failure("rpc error: code = PermissionDenied desc = invalid api token")
        }
        guard let channel else {
            return Self.failure("rpc error: code = Internal desc = app channel is not initialized")
        }
        var request = request
        request.fields.remove("Host")
        if apiToken != nil { request.fields.remove("dapr-api-token") }
        do throws(InvocationFailure) {
            var response = try await channel.send(request)
            response.fields.remove(PeerChannel.failureField)
            return response
        } catch {
            return Self.failure(error.reason)
        }
    }

    private static func failure(_ reason: String) -> HTTPResponse {
        HTTPResponse(
            .badGateway, fields: [PeerChannel.failureField: "1", "Content-Type": "text/plain; charset=utf-8"],
            body: HTTPBody(reason))
    }
}
