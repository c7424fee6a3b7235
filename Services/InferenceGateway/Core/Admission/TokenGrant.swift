import Domain

/// What an endpoint token opens: one service, for a time, for so many requests.
public struct TokenGrant: Sendable {
    public let id: EndpointTokenID
    let expiry: TokenExpiry
    /// Nil if nothing is limited.
    public let budget: TokenBudget?
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
