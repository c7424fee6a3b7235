/// The protocols that an endpoint can be held against.
enum ConformanceProtocol: String, CaseIterable, Sendable {
    case v2
    case openai
}
