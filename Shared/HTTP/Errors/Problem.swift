import Domain
import JSON

/// An error as the control plane tells it: RFC 9457 `application/problem+json`.
public struct Problem: Hashable, Sendable {
    public static let contentType = "application/problem+json"

    public var status: HTTPStatus
    /// Stable and for machines: `name_taken`. The document's `type` is derived from it.
    public var code: String
    public var title: String
    /// What happened here, and what to do.
    public var detail: String
    public var errors: [FieldProblem]
    public var retryAfter: Duration?

    public init(
        status: HTTPStatus, code: String, title: String, detail: String, errors: [FieldProblem] = [],
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = errors
        self.retryAfter = retryAfter
    }

    /// Of what a server does not take for a request.
    public init(_ error: HTTPParseError) {
        self.init(
            status: error.status, code: "malformed_request", title: "The request is not acceptable",
            detail: "It was not taken: \(error.reason).")
    }

    /// - Parameter instance: the path of the request.
    public func response(instance: String, traceID: String) -> HTTPResponse {
        var document = JSONObject([
            ("type", .string("urn:slipway:problem:\(code)")),
            ("title", .string(title)),
            ("status", .integer(Int64(status.code))),
            ("detail", .string(detail)),
            ("instance", .string(instance)),
            ("code", .string(code)),
            ("trace_id", .string(traceID)),
        ])
        if !errors.isEmpty {
            document["errors"] = .array(
                errors.map { ["field": .string($0.field), "message": .string($0.message)] })
        }
        var fields: HTTPFields = ["Content-Type": Self.contentType]
        if let retryAfter {
            fields.append("Retry-After", String(max(1, (retryAfter.wholeMilliseconds + 999) / 1000)))
        }
        if status == .unauthorized { fields.append("WWW-Authenticate", "Bearer") }
        return HTTPResponse(status, fields: fields, body: .bytes(JSONWriter.bytes(.object(document))))
    }
}
