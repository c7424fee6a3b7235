/// Who may send inference requests to a service.
public enum Visibility: String, Hashable, Sendable, Codable, CaseIterable {
    /// Holders of an endpoint token.
    case `private`
    /// Anyone who reaches the gateway.
    case `public`
}
