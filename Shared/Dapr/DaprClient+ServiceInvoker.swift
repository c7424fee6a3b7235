import HTTP
import JSON

extension DaprClient: ServiceInvoker {
    /// Only the sidecar may say who calls: its own fields arrive twice at the callee if the caller sends them too.
    private static let fieldsOfTheSidecar = [
        "dapr-app-id", "dapr-caller-app-id", "dapr-callee-app-id", "dapr-caller-namespace",
    ]
    /// What it says without reaching an app, in plain text.
    private static let wordsOfTheSidecar = [
        "invalid api token\n", "431 Request Header Fields Too Large", "400 Bad Request",
    ]
    /// The longest body in which a word of the sidecar is looked for; its errors are far shorter.
    private static let maximumFailureBytes = 16 << 10

    /// Bodies stream in both directions. `deadline` bounds the call up to the head of the answer, and then each wait
    /// for the next piece of its body.
    public func invoke(
        _ appID: String, _ request: HTTPRequest, deadline: Duration
    ) async throws(DaprError) -> HTTPResponse {
        guard request.target.hasPrefix("/") else {
            throw .rejected(code: "BAD_TARGET", message: "the target of an invocation begins with a slash")
        }
        var call = request
        call.target = "/v1.0/invoke/\(PercentEncoding.encode(appID))/method\(request.target)"
        for field in Self.fieldsOfTheSidecar { call.fields.remove(field) }
        let (name, outgoing) = ("invoke \(appID) \(request.method) \(request.path.prefix(128))", call)
        return try await bound(name, within: deadline) { () async throws(DaprError) -> HTTPResponse in
            let response = try await send(outgoing, within: deadline)
            return try await Self.answer(of: appID, response)
        }
    }

    /// The callee's answer as it is, unless it is one of the few forms in which the sidecar itself speaks.
    private static func answer(of appID: String, _ response: HTTPResponse) async throws(DaprError) -> HTTPResponse {
        guard let length = response.body.length, length <= maximumFailureBytes, mayBeTheSidecars(response) else {
            return response
        }
        let answer = try await SidecarAnswer(reading: response, limitBytes: maximumFailureBytes)
        if let error = answer.failure?.invocationError(status: answer.status, appID: appID) { throw error }
        if wordsOfTheSidecar.contains(answer.plainText ?? "") { throw answer.error }
        return HTTPResponse(answer.status, fields: answer.fields, body: .bytes(answer.body))
    }

    private static func mayBeTheSidecars(_ response: HTTPResponse) -> Bool {
        let type = response.fields["Content-Type"] ?? ""
        return switch response.status.code {
        case 400, 401, 431: type.hasPrefix("text/plain") || type.hasPrefix("application/json")
        case 403, 404, 500: type.hasPrefix("application/json")
        default: false
        }
    }
}
