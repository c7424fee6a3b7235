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
        let engine = deployment.engine
        var arguments = JSONObject()
        for (name, value) in (engine?.arguments ?? [:]).sorted(by: { $0.key < $1.key }) {
            let (field, isNegated) = Self.field(of: name)
            arguments[field] = isNegated && value == .flag(true) ? false : value.value
        }
        let (tensor, pipeline) = Self.parallelism(engine, gpus: deployment.requirements.gpuDevices)
        if tensor > 1 { arguments["tensor_parallel_size"] = .integer(Int64(tensor)) }
        if pipeline > 1 { arguments["pipeline_parallel_size"] = .integer(Int64(pipeline)) }
        if let length = engine?.contextLength { arguments["max_model_len"] = .integer(Int64(length)) }
        if let dataType = engine?.dataType { arguments["dtype"] = .string(dataType) }
        if let quantization = engine?.quantization { arguments["quantization"] = .string(quantization) }
        return arguments
    }

    /// The name that one of vLLM's flags has as an argument in Python, and whether the flag says the contrary.
    static func field(of flag: String) -> (name: String, isNegated: Bool) {
        let name = String(flag.map { $0 == "-" ? "_" : $0 })
        return name.hasPrefix("no_") ? (String(name.dropFirst(3)), true) : (name, false)
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
