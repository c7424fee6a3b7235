import Domain
import ModelFiles
import ModelServingCore

extension ModelDefinition {
    /// How vLLM is started, which needs no model definition file.
    /// - Parameter program: `vllm`, or its path.
    static func vllm(_ deployment: Deployment, _ engine: EngineConfiguration, program: String) -> Self {
        let isFolder = ModelArchive(url: deployment.model.fileURL) != nil
        let model = isFolder ? "{model_path}" : "{model_file}"
        let command =
            [
                program, "serve", model, "--host={host}", "--port={port}", "--served-model-name={service_name}",
                // A line for each question after its health or load, and one for each request, would fill the log.
                "--disable-uvicorn-access-log",
            ] + VLLMConfiguration(engine).commandLine(modelPath: "{model_path}")
        var health = HealthCheck(path: "/health", maxRetries: 5, interval: .seconds(10), maxWaitTime: .seconds(15))
        health.startTime = .seconds(deployment.options.startSeconds ?? RuntimeOptions.defaultStartSeconds)
        return Self(
            name: deployment.serviceName.description, modelPath: "/model", preStartActions: [], startCommand: command,
            port: nil, environment: VLLMEnvironment.variables(of: deployment), healthCheck: health, builtIn: .vllm)
    }
}
