/// Why the gateway answers a request itself instead of an engine.
public enum Refusal: Hashable, Sendable {
    /// No protocol of ours lives at this path.
    case unknownPath
    case unsafePath
    case methodNotAllowed(allowed: String)
    /// `/v2` is kept for the Open Inference Protocol.
    case openInferenceNotServed
    case modelNotNamed(ModelNameScanner.Problem)
    /// The body is larger than what is held to find its `model`, which was not in that part.
    case modelNotInFirstPart(limitBytes: Int)
    /// The caller's body broke off before its end.
    case bodyIncomplete
    case unknownService(String)
    case tokenMissing(service: String)
    case tokenInvalid
    case tokenExpired
    case tokenOfAnotherService(service: String)
    /// The service exists, and none of its instances is ready.
    case noReadyInstance(service: String)
    /// No connection to any instance that is said to be ready.
    case upstreamUnreachable(service: String)
    /// The connection to the instance broke before its answer began.
    case upstreamFailed(service: String)
    case upstreamTimedOut(service: String)
    /// The caller went away; nobody reads this.
    case clientGone
}
