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
            port: nil, environment: vllmEnvironment(deployment, VLLMConfiguration(engine).parallelism),
            healthCheck: health, builtIn: .vllm)
    }

    private static func vllmEnvironment(_ deployment: Deployment, _ parallelism: Int) -> [String: String] {
        // What a model needs was registered with it: nothing is fetched from a hub, and nobody is told what runs here.
        var variables = ["HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"]
        if let gibibytes = VLLMCache.gibibytes(deployment.requirements, modelBytes: deployment.model.sizeBytes) {
            variables["VLLM_CPU_KVCACHE_SPACE"] = String(gibibytes)
        }
        if deployment.requirements.gpuDevices == 0 {
            // Each would bind itself to the same first cores of the machine, whoever else computes there.
            variables["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"
            let cores = (deployment.requirements.cpuMillicores + 999) / 1000
            if cores > 0 { variables["OMP_NUM_THREADS"] = String(max(1, cores / Int64(parallelism))) }
        }
        return variables
    }
}

/// How much of a replica's memory vLLM may fill with its cache of keys and values when it runs without GPUs.
enum VLLMCache {
    /// What its three processes hold before they have loaded anything.
    static let processMebibytes: Int64 = 2048
    /// What a program holds of the rest while it works on requests.
    static let spareShare: Int64 = 8

    /// Whole ones, as vLLM wants them; nil if no memory was asked for, or the cache lies in a GPU's.
    static func gibibytes(_ requirements: ResourceRequirements, modelBytes: Int64?) -> Int64? {
        guard requirements.gpuDevices == 0, requirements.memoryMebibytes > 0 else { return nil }
        let weights = (modelBytes ?? 0) >> 20
        let rest = requirements.memoryMebibytes - processMebibytes - weights
        return max(1, (rest - rest / spareShare) >> 10)
    }
}
