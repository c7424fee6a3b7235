import HTTP
import JSON

/// An answer of the sidecar's own API, whole.
struct SidecarAnswer: Sendable {
    let status: HTTPStatus
    let fields: HTTPFields
    let body: [UInt8]

    init(status: HTTPStatus, fields: HTTPFields, body: [UInt8]) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    init(reading response: HTTPResponse, limitBytes: Int) async throws(DaprError) {
        status = response.status
        fields = response.fields
        do {
            body = try await response.body.collect(limitBytes: limitBytes)
        } catch HTTPBodyError.tooLarge(let limit) {
            throw .tooLarge("the sidecar's answer is longer than \(limit) bytes")
        } catch {
            throw .sidecarUnavailable("the sidecar's answer broke off: \(error)")
        }
    }

    /// Daprd's own errors are `{"errorCode":…,"message":…}`, labelled as plain JSON.
    var failure: SidecarFailure? {
        guard !status.isSuccess, fields["Content-Type"]?.hasPrefix("application/json") == true,
            let value = try? JSONParser.parse(body), let code = value["errorCode"]?.stringValue
        else { return nil }
        return SidecarFailure(code: code, message: value["message"]?.stringValue ?? "")
    }

    /// Go's HTTP server refuses broken or too large heads before daprd sees them, and daprd refuses a wrong token
    /// before it looks at the path; both in plain text.
    var plainText: String? {
        guard fields["Content-Type"]?.hasPrefix("text/plain") == true else { return nil }
        return String(decoding: body.prefix(SidecarFailure.maximumMessageLength), as: UTF8.self)
    }

    /// - Throws: what an answer of the state or system API means that is not the expected one.
    func orThrow() throws(DaprError) -> SidecarAnswer {
        guard !status.isSuccess else { return self }
        throw error
    }

    var error: DaprError {
        if status == .unauthorized { return .unauthorized }
        if status.code == 431 { return .tooLarge("the request's head is longer than the sidecar's read buffer") }
        if status == .contentTooLarge { return .tooLarge("the request is longer than the sidecar takes") }
        if let failure { return failure.error(status: status) }
        if status == .badRequest, let plainText { return .rejected(code: "BAD_REQUEST", message: plainText) }
        return .unexpected(
            status: status.code,
            message: String(decoding: body.prefix(SidecarFailure.maximumMessageLength), as: UTF8.self))
    }
}
