import Domain
import JSON
import ModelServingCore
import Testing

@testable import RayRuntime

@Suite struct LanguageModelTests {
    private func configuration(
        gpus: Int64 = 0, cpuMillicores: Int64 = 0, replicas: Int = 1, _ engine: EngineConfiguration? = nil,
        _ edit: (inout RuntimeOptions) -> Void = { _ in }
    ) throws -> JSONValue {
        var options = RuntimeOptions()
        edit(&options)
        let deployment = Deployment(
            serviceID: ModelServiceID(UUIDv7(high: 1, low: 1)), serviceName: try #require(ServiceName("chat")),
            instanceID: ModelServiceInstanceID(UUIDv7(high: 1, low: 2)), revision: 1,
            model: ResolvedModel(
                modelID: ModelID(UUIDv7(high: 1, low: 3)), version: 1, fileURL: "https://example.com/chat.tar",
                sha256: String(repeating: "0", count: 64)),
            requirements: ResourceRequirements(gpuDevices: gpus, cpuMillicores: cpuMillicores), replicas: replicas,
            engine: engine, options: options)
        let configuration = ApplicationConfiguration(deployment, installation: "slipway")
        return configuration.value(modelPath: "/models/chat", main: configuration.mainDeployment)
    }

    @Test func asksForNoGPUWhereNoneIsWanted() throws {
        let value = try configuration(
            cpuMillicores: 1500,
            EngineConfiguration(
                kind: .vllm, contextLength: 512, dataType: "float32",
                arguments: [
                    "max-num-seqs": .integer(4), "enforce-eager": .flag(true), "enable-auto-tool-choice": .flag(true),
                ])
        ) { $0.environment = ["HF_HUB_OFFLINE": "0"] }
        let variables: JSONValue = [
            "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "0", "OMP_NUM_THREADS": "2", "SLIPWAY_INSTALLATION": "slipway",
            "SLIPWAY_INSTANCE_ID": "00000000-0000-0001-0000-000000000002", "VLLM_CPU_OMP_THREADS_BIND": "nobind",
            "VLLM_NO_USAGE_STATS": "1",
        ]
        #expect(value["import_path"] == "ray.serve.llm:build_openai_app")
        #expect(value["runtime_env"] == ["env_vars": variables])
        #expect(
            value["args"] == [
                "llm_configs": [
                    [
                        "model_loading_config": ["model_id": "chat", "model_source": "/models/chat"],
                        "accelerator_config": ["kind": "cpu"],
                        "engine_kwargs": [
                            "dtype": "float32", "enable_auto_tool_choice": true, "enforce_eager": true,
                            "max_model_len": 512, "max_num_seqs": 4,
                        ],
                        "deployment_config": ["num_replicas": 1, "ray_actor_options": ["num_cpus": 1.5]],
                        "placement_group_config": ["bundle_per_worker": ["CPU": 0]],
                        "runtime_env": ["env_vars": variables],
                    ]
                ]
            ])
    }

    @Test func spreadsAModelOverTheGPUsOfAReplica() throws {
        let value = try configuration(gpus: 4, EngineConfiguration(kind: .vllm, quantization: "awq"))
        let model = try #require(value["args"]?["llm_configs"]?.arrayValue?.first)
        #expect(model["accelerator_config"] == ["kind": "gpu"])
        #expect(model["engine_kwargs"] == ["quantization": "awq", "tensor_parallel_size": 4])
        #expect(model["placement_group_config"] == nil)
        let both = try configuration(gpus: 4, EngineConfiguration(kind: .vllm, pipelineParallelSize: 2))
        #expect(
            both["args"]?["llm_configs"]?.arrayValue?.first?["engine_kwargs"]
                == ["pipeline_parallel_size": 2, "tensor_parallel_size": 2])
    }

    /// Everything else stays as it is when replicas come and go: otherwise all of them would load their weights again.
    @Test func saysTheNumberOfReplicasBesideTheArguments() throws {
        let (one, three) = (try configuration(replicas: 1), try configuration(replicas: 3))
        #expect(one["args"] == three["args"])
        #expect(one["runtime_env"] == three["runtime_env"])
        #expect(
            three["deployments"] == [["name": "LLMServer:chat", "num_replicas": 3, "autoscaling_config": nil]])
        let scaled = try #require(ApplicationConfiguration.scaled(one, to: 3))
        #expect(scaled == three)
        #expect(ApplicationConfiguration.replicas(in: scaled) == 3)
    }

    @Test func leavesAutoscalingToRay() throws {
        let value = try configuration { $0.autoscaling = .init(minimumReplicas: 1, maximumReplicas: 4) }
        let scaling: JSONValue = ["min_replicas": 1, "max_replicas": 4]
        #expect(
            value["args"]?["llm_configs"]?.arrayValue?.first?["deployment_config"] == ["autoscaling_config": scaling])
        #expect(value["deployments"] == [["name": "LLMServer:chat", "autoscaling_config": scaling]])
        #expect(ApplicationConfiguration.scaled(value, to: 2) == nil)
    }
}
