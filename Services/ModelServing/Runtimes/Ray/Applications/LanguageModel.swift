import Domain
import JSON
import ModelServingCore

/// vLLM, brought up by the builder that Ray Serve has for it.
struct LanguageModel: Sendable {
    static let builder = "ray.serve.llm:build_openai_app"

    private let deployment: Deployment
    private let source: String
    private let variables: JSONValue

    /// - Parameters:
    ///   - source: the model's folder on the cluster's nodes.
    ///   - variables: the environment of every replica.
    init(_ deployment: Deployment, source: String, variables: JSONValue) {
        self.deployment = deployment
        self.source = source
        self.variables = variables
    }

    /// Under which name the builder deploys the model itself, beside the ingress before it.
    static func deploymentName(modelID: String) -> String { "LLMServer:\(modelID)" }

    /// Devices of one replica.
    static func parallelism(_ engine: EngineConfiguration?, gpus: Int64) -> (tensor: Int, pipeline: Int) {
        let pipeline = engine?.pipelineParallelSize ?? 1
        return (engine?.tensorParallelSize ?? max(1, Int(gpus) / pipeline), pipeline)
    }

    var arguments: JSONValue {
        let hasGPUs = deployment.requirements.gpuDevices > 0
        var model = JSONObject()
        model["model_loading_config"] = [
            "model_id": .string(deployment.serviceName.description), "model_source": .string(source),
        ]
        // Without it Ray asks for a GPU, and waits for it for ever where there is none.
        model["accelerator_config"] = ["kind": hasGPUs ? "gpu" : "cpu"]
        model["engine_kwargs"] = .object(engineArguments)
        model["deployment_config"] = .object(deploymentOptions)
        // Workers on GPUs are actors of their own beside the replica's; on CPUs they are its processes, for which Ray
        // would reckon another core each.
        if !hasGPUs { model["placement_group_config"] = ["bundle_per_worker": ["CPU": 0]] }
        model["runtime_env"] = ["env_vars": variables]
        return ["llm_configs": [.object(model)]]
    }

    private var deploymentOptions: JSONObject {
        var options = JSONObject()
        if let autoscaling = deployment.options.autoscaling {
            options["autoscaling_config"] = autoscaling.value
        } else {
            // Always the same, since another number here would build the application anew and load all weights again:
            // how many there really are is said beside the arguments.
            options["num_replicas"] = 1
        }
        options["ray_actor_options"] = deployment.requirements.actorOptions(hasGPUs: false)
        return options
    }

    private var engineArguments: JSONObject {
        let engine = deployment.engine ?? EngineConfiguration(kind: .vllm)
        let configuration = VLLMConfiguration(engine)
        var named = configuration.keywordArguments
        // Ray's builder sorts out by itself which of them are for vLLM's server.
        for name in configuration.serverArguments {
            named[String(name.map { $0 == "-" ? "_" : $0 })] = engine.arguments?[name]
        }
        let (tensor, pipeline) = Self.parallelism(engine, gpus: deployment.requirements.gpuDevices)
        if tensor > 1 { named["tensor_parallel_size"] = .integer(Int64(tensor)) }
        if pipeline > 1 { named["pipeline_parallel_size"] = .integer(Int64(pipeline)) }
        return JSONObject(named.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value) })
    }
}

extension EngineConfiguration.ArgumentValue {
    fileprivate var value: JSONValue {
        switch self {
        case .flag(let flag): .bool(flag)
        case .integer(let integer): .integer(integer)
        case .number(let number): .number(number)
        case .text(let text): .string(text)
        }
    }
}
