import HTTP

/// An error body of daprd, and what it means. The words are those of daprd 1.17 and its state stores.
struct SidecarFailure: Hashable, Sendable {
    /// Characters kept of a message.
    static let maximumMessageLength = 512

    let code: String
    let message: String

    /// What it means as the answer to a call of the state, health or metadata API.
    func error(status: HTTPStatus) -> DaprError {
        let text = String(message.prefix(Self.maximumMessageLength))
        switch code {
        case "ERR_STATE_STORE_NOT_FOUND", "ERR_STATE_STORE_NOT_CONFIGURED": return .storeMissing(text)
        case "ERR_HEALTH_NOT_READY": return .sidecarUnavailable(text)
        case "ERR_STATE_GET", "ERR_STATE_BULK_GET", "ERR_STATE_SAVE", "ERR_STATE_DELETE", "ERR_STATE_TRANSACTION":
            if isConflict { return .conflict }
            if status == .badRequest || isOurFault { return .rejected(code: code, message: text) }
            return .storeUnavailable(text)
        default:
            if message.hasSuffix("stream too large") { return .tooLarge(text) }
            if status.code < 500 { return .rejected(code: code, message: text) }
            return .unexpected(status: status.code, message: "\(code): \(text)")
        }
    }

    /// What it means as the answer to an invocation of `appID`; nil if it is no word of the sidecar.
    func invocationError(status: HTTPStatus, appID: String) -> DaprError? {
        guard code == "ERR_DIRECT_INVOKE" else { return nil }
        let text = String(message.prefix(Self.maximumMessageLength))
        guard status.code >= 500 else { return .rejected(code: code, message: text) }
        if message.hasSuffix("stream too large") { return .tooLarge(text) }
        if message.contains("context deadline exceeded") { return .deadlineExceeded(text) }
        return .appUnavailable(appID: appID, text)
    }

    /// A condition did not hold. Outside of transactions a stale ETag has a status of its own (409); inside one, and
    /// for insert-only on PostgreSQL and SQLite, only these words tell it from an outage. An ETag that is not of the
    /// store's form can match nothing either. The SQLSTATE class 40 is PostgreSQL's roll-back after a collision.
    private var isConflict: Bool {
        ["possible etag mismatch", "no item was updated", "invalid etag value", "(SQLSTATE 40"].contains {
            message.contains($0)
        }
    }

    /// The store works and refuses the data: repeating the call would not help.
    private var isOurFault: Bool {
        ["error parsing TTL", "unrecognized con", "(SQLSTATE 22"].contains { message.contains($0) }
    }
}
