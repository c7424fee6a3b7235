import JSON

/// What one line of an audit log tells.
public enum AuditEvent: Hashable, Sendable {
    /// A change was allowed and is about to be made.
    case change(AuditedRequest)
    /// What became of a change. `created` is where to find what it made, if it made something; `detail` what else of it
    /// has to be known, such as the text of a rule.
    case outcome(of: Int64, AuditedRequest, status: Int, created: String?, detail: String?)
    /// Somebody was refused, with this status.
    case refusal(AuditedRequest, status: Int)
    /// A process died while it wrote a line: the piece of it, which nobody had been told of, was cut off.
    case mended(bytes: Int)
    /// Lines are not there that were, or cannot be known to be. The chain goes on behind where they should be.
    case gap(String)

    /// As lines name it.
    public var name: String {
        switch self {
        case .change: "change"
        case .outcome: "outcome"
        case .refusal: "refusal"
        case .mended: "mended"
        case .gap: "gap"
        }
    }

    var members: [(String, JSONValue)] {
        switch self {
        case .change(let request):
            return request.who + [("decision", "allowed")] + request.why + request.how
        case .outcome(let sequence, let request, let status, let created, let detail):
            let more = [("created", created), ("detail", detail)].compactMap { name, text in
                text.map { (name, JSONValue.string($0.clipped)) }
            }
            return [("of", .integer(sequence)), ("status", .integer(Int64(status)))] + more + request.ids
        case .refusal(let request, let status):
            return request.who + [("decision", "denied")] + request.why + [("status", .integer(Int64(status)))]
                + request.how
        case .mended(let bytes): return [("bytes", .integer(Int64(bytes)))]
        case .gap(let reason): return [("reason", .string(reason.clipped))]
        }
    }
}

/// Who asked for what. Holds nothing of what was sent but names: no body, no query, no credentials.
public struct AuditedRequest: Hashable, Sendable {
    /// Empty if the caller is not known.
    public var subject = ""
    /// How the caller proved who it is: `admin_key`, `jwt`, `api_key:ID`; empty if it did not.
    public var credential = ""
    public var groups: [String] = []
    /// What the caller must be allowed to do: `model:update`.
    public var action = ""
    /// On what: `models/0192…`.
    public var object = ""
    public var method = ""
    /// The rule that decided; nil if none did.
    public var rule: String?
    public var peer = ""
    public var traceID = ""
    public var requestID = ""

    public init() {}

    fileprivate var who: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("subject", .string(subject.clipped)), ("credential", .string(credential.clipped)),
        ]
        if !groups.isEmpty { members.append(("groups", .string(groups.joined(separator: " ").clipped))) }
        return members + [("action", .string(action.clipped)), ("object", .string(object.clipped))]
    }

    fileprivate var why: [(String, JSONValue)] { rule.map { [("rule", .string($0.clipped))] } ?? [] }

    fileprivate var how: [(String, JSONValue)] {
        [("method", .string(method.clipped)), ("peer", .string(peer.clipped))] + ids
    }

    fileprivate var ids: [(String, JSONValue)] {
        [("trace_id", .string(traceID.clipped)), ("request_id", .string(requestID.clipped))]
    }
}

extension String {
    /// The text, or its beginning with a sign that there was more.
    fileprivate var clipped: String {
        guard utf8.count > AuditLimits.textBytes else { return self }
        return String(decoding: utf8.prefix(AuditLimits.textBytes), as: UTF8.self) + "…"
    }
}
