/// The protocols that an endpoint can be held against.
enum ConformanceProtocol: String, CaseIterable, Sendable {
    case v2
    case openai

    /// Whoever speaks the protocol answers here, one way or another.
    var firstPath: String {
        switch self {
        case .v2: "/v2/health/live"
        case .openai: "/v1/models"
        }
    }
}
