import Domain
import ModelServingCore
import Testing

@Suite struct VLLMArgumentsTests {
    @Test(arguments: [
        ("max-num-seqs", EngineConfiguration.ArgumentValue.integer(2)), ("gpu-memory-utilization", .number(0.9)),
        ("gpu-memory-utilization", .integer(1)), ("enforce-eager", .flag(false)), ("scheduling-policy", .text("fcfs")),
        ("tool-call-parser", .text("llama3_json")), ("kv-cache-dtype", .text("fp8")),
    ])
    func takesWhatIsAllowed(name: String, value: EngineConfiguration.ArgumentValue) {
        #expect(VLLMArguments.problems(with: [name: value]).isEmpty)
    }

    @Test(arguments: [
        ("max-num-seqs", EngineConfiguration.ArgumentValue.integer(0), "whole number from 1"),
        ("max-num-seqs", .text("2"), "whole number"), ("max-num-seqs", .number(2.5), "whole number"),
        ("enforce-eager", .text("true"), "true or false"), ("gpu-memory-utilization", .number(1.5), "from 0.05 to 1"),
        ("scheduling-policy", .text("lifo"), "one of fcfs, priority"),
        ("tool-call-parser", .text("../x.py"), "a name of small letters"),
        ("tool-call-parser", .text("--middleware"), "a name of small letters"),
        ("tool-call-parser", .text("{\"a\":1}"), "a name of small letters"),
        ("max-num-seq", .integer(2), "the nearest that may is \"max-num-seqs\""),
        ("--max_num_seqs", .integer(2), "the nearest that may is \"max-num-seqs\""),
        ("max-model-len", .integer(2), "set by context_length"), ("port", .integer(2), "chosen by Slipway"),
        ("trust-remote-code", .flag(true), "run code"),
    ])
    func saysWhatIsWrong(name: String, value: EngineConfiguration.ArgumentValue, words: String) throws {
        let problem = try #require(VLLMArguments.problems(with: [name: value]).first)
        #expect(problem.field == "/engine/arguments/\(name)")
        #expect(problem.message.contains(words), "\(problem.message)")
    }

    /// Each of these reads a file or a folder, runs code, opens a port or reaches other machines.
    @Test(arguments: [
        "allowed-local-media-path", "allowed-media-domains", "api-key", "chat-template", "code-revision",
        "compilation-config", "config", "data-parallel-address", "device-ids", "download-dir", "ec-transfer-config",
        "hf-config-path", "hf-overrides", "hf-token", "host", "io-processor-plugin", "kv-events-config",
        "kv-transfer-config", "log-config-file", "logging-config", "logits-processors", "lora-modules", "master-addr",
        "middleware", "model", "model-loader-extra-config", "otlp-traces-endpoint", "port", "profiler-config",
        "reasoning-parser-plugin", "revision", "root-path", "scheduler-cls", "served-model-name", "speculative-config",
        "ssl-keyfile", "tokenizer", "tool-parser-plugin", "tool-server", "trust-remote-code", "uds", "worker-cls",
        "worker-extension-cls", "additional-config", "spec-model", "weight-transfer-config", "headless", "grpc",
        "enable-log-requests",
    ])
    func refusesWhatReachesBeyondTheModel(name: String) {
        for value in [EngineConfiguration.ArgumentValue.flag(true), .text("x"), .integer(1)] {
            #expect(VLLMArguments.problems(with: [name: value]).count == 1)
        }
    }

    @Test func saysEverythingThatIsWrongAtOnce() {
        let engine = EngineConfiguration(
            kind: .vllm, dataType: "int3", quantization: "../awq", tensorParallelSize: 2, pipelineParallelSize: 2,
            adapters: [
                .init(name: "a", path: "a"), .init(name: "a", path: "b"), .init(name: "-x", path: "../c"),
                .init(name: "chat", path: "a=b"),
            ], arguments: ["host": .text("::")])
        let fields = VLLMConfiguration(engine).problems(
            serviceName: ServiceName("chat"), requirements: ResourceRequirements(gpuDevices: 2)
        ).map(\.field)
        #expect(
            fields == [
                "/engine/arguments/host", "/engine/data_type", "/engine/quantization", "/engine/tensor_parallel_size",
                "/engine/adapters/1/name", "/engine/adapters/2/name", "/engine/adapters/2/path",
                "/engine/adapters/3/name", "/engine/adapters/3/path",
            ])
    }

    @Test func isGivenToRayByItsNamesInPython() {
        let engine = EngineConfiguration(
            kind: .vllm, contextLength: 512, dataType: "float32", adapters: [.init(name: "a", path: "a")],
            arguments: ["max-num-seqs": .integer(2), "tool-call-parser": .text("hermes")])
        let configuration = VLLMConfiguration(engine)
        #expect(
            configuration.keywordArguments == [
                "max_model_len": .integer(512), "dtype": .text("float32"), "max_num_seqs": .integer(2),
                "enable_lora": .flag(true),
            ])
        #expect(configuration.serverArguments == ["tool-call-parser"])
    }
}
