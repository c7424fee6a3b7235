import Domain

/// One model service as the gateway serves it. Immutable but for the counters of its upstreams.
public final class ServiceRoute: Sendable {
    public let serviceID: ModelServiceID
    public let name: String
    /// Open to anyone who reaches the gateway.
    public let isPublic: Bool
    /// The tokens that open it, with when they end.
    let tokens: [TokenDigest: TokenExpiry]
    /// Ready instances only; empty while none is.
    public let upstreams: [Upstream]

    init(
        serviceID: ModelServiceID, name: String, isPublic: Bool, tokens: [TokenDigest: TokenExpiry],
        upstreams: [Upstream]
    ) {
        self.serviceID = serviceID
        self.name = name
        self.isPublic = isPublic
        self.tokens = tokens
        self.upstreams = upstreams
    }
}

/// When a token ends to be valid.
public enum TokenExpiry: Hashable, Sendable {
    case never
    case at(Timestamp)

    /// - Parameter now: read only if the token ends at all.
    func isOver(at now: () -> Timestamp) -> Bool {
        switch self {
        case .never: false
        case .at(let end): end <= now()
        }
    }
}
