import Dapr
import Domain

extension DaprError {
    /// How long callers are told to wait while something behind us is away.
    public static let retryAfter = Duration.seconds(2)
    /// The same for a fault that somebody has to mend.
    public static let retryAfterRepair = Duration.seconds(30)

    /// The one place where what a sidecar says becomes what a use case can end with.
    public var serviceError: ServiceError {
        switch self {
        case .conflict:
            .conflict(
                code: "write_conflict", message: "Somebody else changed the same thing at the same time. Try again.")
        case .storeMissing:
            .unavailable(
                code: "state_store_missing", message: "The state store is not configured at the sidecar.",
                retryAfter: Self.retryAfterRepair)
        case .storeUnavailable:
            .unavailable(
                code: "state_store_unavailable", message: "The state store does not answer.",
                retryAfter: Self.retryAfter)
        case .sidecarUnavailable:
            .unavailable(
                code: "sidecar_unavailable", message: "The sidecar does not answer.", retryAfter: Self.retryAfter)
        case .appUnavailable(let appID, _):
            .unavailable(
                code: "app_unavailable", message: "\(appID) does not answer.", retryAfter: Self.retryAfter)
        case .tooLarge:
            .tooLarge("This is more than the sidecar takes in one piece.")
        case .unauthorized:
            .unavailable(
                code: "sidecar_unauthorized", message: "The sidecar refuses this process's DAPR_API_TOKEN.",
                retryAfter: Self.retryAfterRepair)
        case .rejected(let code, let message):
            .internalFault(detail: "the sidecar refused a call as malformed: \(code) \(message)")
        case .deadlineExceeded(let what):
            .unavailable(
                code: "state_store_timeout",
                message: "The sidecar did not answer in time (\(what)). What was asked may have happened: look before "
                    + "repeating it, or repeat it with the same Idempotency-Key.", retryAfter: Self.retryAfter)
        case .unexpected(let status, let message):
            .internalFault(detail: "the sidecar answered \(status): \(message)")
        }
    }
}
