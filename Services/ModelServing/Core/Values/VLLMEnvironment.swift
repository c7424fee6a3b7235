import Domain

/// What vLLM is told by its environment, whatever runs it.
public enum VLLMEnvironment {
    public static func variables(of deployment: Deployment) -> [String: String] {
        // What a model needs was registered with it: nothing is fetched from a hub, and nobody is told what runs here.
        var variables = ["HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"]
        if let gibibytes = VLLMCache.gibibytes(deployment.requirements, modelBytes: deployment.model.sizeBytes) {
            variables["VLLM_CPU_KVCACHE_SPACE"] = String(gibibytes)
        }
        if deployment.requirements.gpuDevices == 0 {
            // Each would bind itself to the same first cores of the machine, whoever else computes there.
            variables["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"
            let cores = (deployment.requirements.cpuMillicores + 999) / 1000
            let parallelism = deployment.engine.map { VLLMConfiguration($0).parallelism } ?? 1
            if cores > 0 { variables["OMP_NUM_THREADS"] = String(max(1, cores / Int64(parallelism))) }
        }
        return variables
    }
}

/// How much of a replica's memory vLLM may fill with its cache of keys and values when it runs without GPUs.
public enum VLLMCache {
    /// What its three processes hold before they have loaded anything.
    static let processMebibytes: Int64 = 2048
    /// What a program holds of the rest while it works on requests.
    static let spareShare: Int64 = 8

    /// Whole ones, as vLLM wants them; nil if no memory was asked for, or the cache lies in a GPU's.
    public static func gibibytes(_ requirements: ResourceRequirements, modelBytes: Int64?) -> Int64? {
        guard requirements.gpuDevices == 0, requirements.memoryMebibytes > 0 else { return nil }
        let weights = (modelBytes ?? 0) >> 20
        let rest = requirements.memoryMebibytes - processMebibytes - weights
        return max(1, (rest - rest / spareShare) >> 10)
    }
}
