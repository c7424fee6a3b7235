/// Why a call to the API server did not do what it should. No message holds credentials.
public enum KubernetesError: Error, Hashable, Sendable {
    /// No such object, or no such namespace: the message says which.
    case notFound(String)
    /// The server knows no such kind: what brings it (KubeRay's operator, for example) is not installed.
    case unknownKind(String)
    case alreadyExists(String)
    /// The object has changed meanwhile, or a precondition does not hold. Read it again and decide anew.
    case conflict(String)
    /// Other field managers own what was to be applied; `owners` are the causes.
    case ownedByOthers(String, owners: [Cause])
    /// The message names the account, the verb and the kind.
    case forbidden(String)
    /// The credentials are not accepted.
    case unauthorized(String)
    /// The object breaks the rules of its kind. Sending it again cannot help.
    case invalid(String, causes: [Cause])
    /// The request cannot be carried out as it is. Sending it again cannot help.
    case refused(String)
    /// The version that a list or a watch was to go on from is no longer kept: list anew.
    case expired(String)
    case tooLarge(String)
    /// The server cannot answer at the moment; it may have said how many seconds to wait.
    case busy(String, retryAfterSeconds: Int?)
    case unreachable(String)
    /// The kubeconfig, the pod's account or a credential plugin is not usable.
    case misconfigured(String)
    /// The answer is not what an API server answers.
    case malformedAnswer(String)
    case cancelled

    /// One of several reasons.
    public struct Cause: Hashable, Sendable {
        /// `FieldValueRequired`, `FieldManagerConflict`, …
        public let reason: String
        /// `spec.template.spec.containers[0].image`; empty if it is about the whole.
        public let field: String
        public let message: String

        public init(reason: String, field: String, message: String) {
            self.reason = reason
            self.field = field
            self.message = message
        }
    }

    public var message: String {
        switch self {
        case .notFound(let message), .unknownKind(let message), .alreadyExists(let message), .conflict(let message),
            .ownedByOthers(let message, _), .forbidden(let message), .unauthorized(let message),
            .invalid(let message, _), .refused(let message), .expired(let message), .tooLarge(let message),
            .busy(let message, _), .unreachable(let message), .misconfigured(let message),
            .malformedAnswer(let message):
            message
        case .cancelled: "the call was cancelled"
        }
    }

    /// It says nothing about the request: the same one may succeed later.
    public var isPassing: Bool {
        switch self {
        case .busy, .unreachable, .expired, .malformedAnswer, .cancelled, .unauthorized, .misconfigured: true
        case .notFound, .unknownKind, .alreadyExists, .conflict, .ownedByOthers, .forbidden, .invalid, .refused,
            .tooLarge:
            false
        }
    }
}

extension KubernetesError: CustomStringConvertible {
    public var description: String { message }
}
