import JSON
import KubernetesObjects
import ModelServingCore

/// What an engine's container runs.
struct EngineCommand: Hashable, Sendable {
    /// vLLM's own image, for GPUs. Another is named by the service.
    static let vllmImage = "docker.io/vllm/vllm-openai:v0.11.0"
    static let modelPath = "{model_path}"
    static let port = "{port}"
    static let serviceName = "{service_name}"

    let image: String
    /// Nil for the image's own.
    let words: [String]?
    let environment: [String: String]

    init(_ deployment: Deployment, modelPath: String) {
        let options = deployment.options
        let port = options.port ?? RuntimeOptions.defaultPort
        func expand(_ text: String) -> String {
            text.replacing(Self.modelPath, with: modelPath).replacing(Self.port, with: String(port))
                .replacing(Self.serviceName, with: deployment.serviceName.description)
        }
        var environment = (options.environment ?? [:]).mapValues(expand)
        // Nothing else can be written to, and many programs keep things in their home.
        environment["HOME"] = environment["HOME"] ?? PodSecurity.temporaryFolder
        self.environment = environment
        switch deployment.engine?.kind {
        case .vllm:
            image = options.image ?? Self.vllmImage
            let arguments = deployment.engine.map { VLLMConfiguration($0).commandLine(modelPath: modelPath) } ?? []
            words =
                [
                    "vllm", "serve", modelPath, "--host=0.0.0.0", "--port=\(port)",
                    "--served-model-name=\(deployment.serviceName)",
                ] + arguments
        case nil:
            image = options.image ?? ""
            words = options.command?.map(expand)
        }
    }

    /// Whether the engine asks for the model file at all: some images bring their model along.
    static func needsModel(_ engine: EngineConfiguration?, _ options: RuntimeOptions) -> Bool {
        if engine != nil { return true }
        let texts = (options.command ?? []) + (options.environment ?? [:]).values
        return texts.contains { $0.contains(modelPath) }
    }
}

extension String {
    fileprivate func replacing(_ word: String, with value: String) -> String {
        var result = ""
        var rest = self[...]
        while let range = rest.firstRange(of: word) {
            result += rest[..<range.lowerBound] + value
            rest = rest[range.upperBound...]
        }
        return result + rest
    }
}
