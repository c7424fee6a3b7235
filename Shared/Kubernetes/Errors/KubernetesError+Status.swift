import HTTP
import JSON

extension KubernetesError {
    /// Characters of a message that did not come as a `Status`.
    private static let maximumExcerpt = 300

    /// What an answer other than success means.
    /// - Parameter isApply: whether a server-side apply was asked for, of which a 500 without a reason is final.
    static func answered(_ status: HTTPStatus, fields: HTTPFields, body: [UInt8], isApply: Bool) -> Self {
        let document = (try? JSONParser.parse(body)) ?? .null
        guard document["kind"]?.stringValue == "Status" else { return plain(status, fields: fields, body: body) }
        return told(document, code: status.code, isApply: isApply)
    }

    /// What a `Status` says, be it an answer's body or an event of a watch.
    static func told(_ status: JSONValue, code: Int, isApply: Bool = false) -> Self {
        let message = status["message"]?.stringValue ?? "the server answered \(code)"
        let reason = status["reason"]?.stringValue
        let details = status["details"]
        let causes = causes(details)
        switch status["code"]?.integerValue.map(Int.init) ?? code {
        case 401: return .unauthorized(message)
        case 403: return .forbidden(message)
        // Without a name it is the kind that was not found.
        case 404: return details?["name"] == nil ? .unknownKind(message) : .notFound(message)
        case 409 where reason == "AlreadyExists": return .alreadyExists(message)
        case 409:
            let owners = causes.filter { $0.reason == "FieldManagerConflict" }
            return owners.isEmpty ? .conflict(message) : .ownedByOthers(message, owners: owners)
        case 410: return .expired(message)
        case 413: return .tooLarge(message)
        case 422: return .invalid(message, causes: causes)
        case 429: return .busy(message, retryAfterSeconds: retryAfter(details))
        case 500 where isApply && reason == nil: return .refused(message)
        case 500...: return .busy(message, retryAfterSeconds: retryAfter(details))
        default: return .refused(message)
        }
    }

    /// A field of `<nil>` says only that further rules were not looked at.
    private static func causes(_ details: JSONValue?) -> [Cause] {
        (details?["causes"]?.arrayValue ?? []).compactMap { cause in
            let field = cause["field"]?.stringValue ?? ""
            guard field != "<nil>" else { return nil }
            return Cause(
                reason: cause["reason"]?.stringValue ?? "", field: field, message: cause["message"]?.stringValue ?? "")
        }
    }

    private static func retryAfter(_ details: JSONValue?) -> Int? {
        details?["retryAfterSeconds"]?.integerValue.map { Int(clamping: $0) }
    }

    /// The server itself says so of paths that it does not know, and a proxy in front of it of much else.
    private static func plain(_ status: HTTPStatus, fields: HTTPFields, body: [UInt8]) -> Self {
        let text = String(decoding: body.prefix(maximumExcerpt), as: UTF8.self)
            .split(whereSeparator: \.isNewline).joined(separator: " ")
        let message = "the server answered \(status) \(status.reasonPhrase)\(text.isEmpty ? "" : ": \(text)")"
        switch status.code {
        case 401: return .unauthorized(message)
        case 403: return .forbidden(message)
        case 404: return .unknownKind(message)
        case 413: return .tooLarge(message)
        case 429, 500...: return .busy(message, retryAfterSeconds: fields["Retry-After"].flatMap { Int($0) })
        default: return .refused(message)
        }
    }
}
