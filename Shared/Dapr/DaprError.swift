/// What a sidecar call can end with, told apart as daprd words it.
public enum DaprError: Error, Hashable, Sendable {
    /// A condition of a write did not hold: an ETag was stale, or an insert-only key exists. Read again and decide
    /// again.
    case conflict
    /// The component is not there: a fault of the installation, not of the moment.
    case storeMissing(String)
    /// The store answers errors: the database is away, or refused.
    case storeUnavailable(String)
    /// The sidecar does not answer at all.
    case sidecarUnavailable(String)
    /// The app that was to be invoked is not there, or not healthy.
    case appUnavailable(appID: String, String)
    /// Body or headers exceed what the sidecar takes.
    case tooLarge(String)
    /// Our `dapr-api-token` is wrong.
    case unauthorized
    /// The call was refused as malformed: a fault of ours.
    case rejected(code: String, message: String)
    case deadlineExceeded(String)
    /// An answer that no rule covers.
    case unexpected(status: Int, message: String)
}
