/// By which protocol of the gateway a request came.
public enum InferenceProtocol: String, Hashable, Sendable, CaseIterable {
    case openAI = "openai"
    case openInference = "open_inference"
    /// `/services/{name}/…`, whatever is spoken there.
    case service
}
