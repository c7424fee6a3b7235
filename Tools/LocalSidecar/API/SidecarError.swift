import HTTP
import JSON

/// An error in the form and the words of daprd.
struct SidecarError: Error {
    let status: HTTPStatus
    let code: String
    let message: String
    private let details: [JSONValue]

    init(_ status: HTTPStatus, _ code: String, _ message: String, details: [JSONValue] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
    }

    var response: HTTPResponse {
        var members: [(String, JSONValue)] = [("errorCode", .string(code)), ("message", .string(message))]
        if !details.isEmpty { members.append(("details", .array(details))) }
        return HTTPResponse(
            status, fields: ["Content-Type": "application/json"],
            body: .bytes(JSONWriter.bytes(.object(JSONObject(members)))))
    }

    static let unknownRoute = SidecarError(
        .notFound, "ERR_DIRECT_INVOKE",
        "failed getting app id either from the URL path or the header dapr-app-id")

    static func malformed(_ message: String) -> Self { Self(.badRequest, "ERR_MALFORMED_REQUEST", message) }

    static let bodyTooLarge = malformed("stream too large")

    static func storeNotFound(_ name: String, appID: String?) -> Self {
        Self(
            .badRequest, "ERR_STATE_STORE_NOT_FOUND", "state store \(name) is not found",
            details: [info("DAPR_STATE_NOT_FOUND", metadata: appID.map { ["appID": .string($0)] } ?? nil)])
    }

    static func storeNotConfigured(_ name: String, appID: String) -> Self {
        Self(
            .internalServerError, "ERR_STATE_STORE_NOT_CONFIGURED", "state store \(name) is not configured",
            details: [info("DAPR_STATE_NOT_CONFIGURED", metadata: ["appID": .string(appID)])])
    }

    static func queryNotSupported(_ name: String) -> Self {
        Self(
            .internalServerError, "ERR_STATE_STORE_NOT_SUPPORTED", "state store does not support querying",
            details: [resource(name), info("DAPR_STATE_QUERYING_NOT_SUPPORTED", metadata: nil)])
    }

    /// - Parameter namesField: whether the violation names the key, which it does not in transactions.
    static func illegalKey(_ key: String, store: String, namesField: Bool) -> Self {
        let message =
            "api error: code = InvalidArgument desc = input key/keyPrefix '\(key)' can't contain "
            + "'\(KeyPrefix.separator)'"
        let violation: [(String, JSONValue)] =
            (namesField ? [("field", .string(key))] : []) + [("description", .string(message))]
        let badRequest: JSONValue = [
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "field_violations": [.object(JSONObject(violation))],
        ]
        return Self(
            .badRequest, "ERR_MALFORMED_REQUEST", message,
            details: [badRequest, resource(store), info("DAPR_STATE_ILLEGAL_KEY", metadata: nil)])
    }

    private static func info(_ reason: String, metadata: JSONValue?) -> JSONValue {
        [
            "@type": "type.googleapis.com/google.rpc.ErrorInfo", "domain": "dapr.io", "metadata": metadata ?? .null,
            "reason": .string(reason),
        ]
    }

    private static func resource(_ store: String) -> JSONValue {
        [
            "@type": "type.googleapis.com/google.rpc.ResourceInfo", "description": "", "owner": "",
            "resource_name": .string(store), "resource_type": "state",
        ]
    }
}

extension HTTPResponse {
    /// What Go's HTTP server says before daprd sees a request.
    static func plain(_ status: HTTPStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(status, fields: ["Content-Type": "text/plain; charset=utf-8"], body: HTTPBody(text))
    }
}
