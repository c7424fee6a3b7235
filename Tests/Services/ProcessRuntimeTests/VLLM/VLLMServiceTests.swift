import Cryptography
import Domain
import FoundationEssentials
import ModelServingCore
import RuntimeConformance
import Testing

@testable import ProcessRuntime

/// Services with vLLM as their engine; the program is one that writes what vLLM wrote, and answers or ends as it did.
@Suite(.timeLimit(.minutes(3))) struct VLLMServiceTests {
    static let engine = EngineConfiguration(
        kind: .vllm, contextLength: 512, dataType: "float32",
        adapters: [.init(name: "formal", path: "adapters/formal")],
        arguments: ["max-num-seqs": .integer(2), "enforce-eager": .flag(true), "enable-prefix-caching": .flag(false)])

    @Test func isStartedWithItsModelAndItsName() throws {
        let deployment = Self.deployment("file:///srv/chat.tar", Self.engine)
        let definition = ModelDefinition.vllm(deployment, Self.engine, program: "/opt/vllm")
        #expect(
            definition.startCommand == [
                "/opt/vllm", "serve", "{model_path}", "--host={host}", "--port={port}",
                "--served-model-name={service_name}", "--disable-uvicorn-access-log", "--dtype=float32",
                "--no-enable-prefix-caching", "--enforce-eager", "--max-model-len=512", "--max-num-seqs=2",
                "--enable-lora", "--lora-modules", "formal={model_path}/adapters/formal",
            ])
        #expect(definition.healthCheck.path == "/health")
        #expect(definition.healthCheck.startBudget == .seconds(1800))
        let file = Self.deployment("file:///srv/chat.gguf", EngineConfiguration(kind: .vllm))
        let command = ModelDefinition.vllm(file, EngineConfiguration(kind: .vllm), program: "vllm").startCommand
        #expect(command[2] == "{model_file}")
    }

    @Test func fetchesNothingAndTellsNobody() {
        let deployment = Self.deployment(
            "file:///srv/chat.tar", Self.engine, ResourceRequirements(cpuMillicores: 1500, memoryMebibytes: 8192))
        let environment = ModelDefinition.vllm(deployment, Self.engine, program: "vllm").environment
        #expect(
            environment == [
                "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "VLLM_CPU_KVCACHE_SPACE": "5",
                "VLLM_CPU_OMP_THREADS_BIND": "nobind", "OMP_NUM_THREADS": "2",
            ])
        let onGPU = Self.deployment(
            "file:///srv/chat.tar", Self.engine, ResourceRequirements(gpuDevices: 1, memoryMebibytes: 8192))
        #expect(
            ModelDefinition.vllm(onGPU, Self.engine, program: "vllm").environment.keys.sorted() == [
                "DO_NOT_TRACK", "HF_HUB_OFFLINE", "VLLM_NO_USAGE_STATS",
            ])
    }

    @Test(arguments: [
        (Int64(0), Int64?.none, Int64?.none), (8192, nil, 5), (8192, 4 << 30, 1), (2048, nil, 1),
        (65_536, 16 << 30, 40),
    ])
    func leavesTheWeightsTheirMemory(memory: Int64, weights: Int64?, cache: Int64?) {
        #expect(VLLMCache.gibibytes(ResourceRequirements(memoryMebibytes: memory), modelBytes: weights) == cache)
        let onGPU = ResourceRequirements(gpuDevices: 1, memoryMebibytes: memory)
        #expect(VLLMCache.gibibytes(onGPU, modelBytes: weights) == nil)
    }

    @Test func comesUpByPhases() async throws {
        let world = try EngineWorld()
        let gate = "\(world.folder)/gate"
        let runtime = try Self.runtime(world, "start", then: "serve", gate: gate)
        let deployment = world.deployment(engine: EngineConfiguration(kind: .vllm))
        let handle = try await runtime.deploy(deployment)
        _ = try await runtime.until(deployment, handle) { $0.message == "loading weights" && $0.state == .starting }
        try Data().write(to: URL(filePath: gate))
        _ = try await runtime.until(deployment, handle) { $0.state == .ready && $0.message == nil }
        try await runtime.untilGone(deployment.instanceID, nil)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
    }

    @Test(arguments: VLLMLogTests.failures)
    func saysWhyItDidNotComeUp(row: VLLMLogTests.Row) async throws {
        let world = try EngineWorld()
        let runtime = try Self.runtime(world, row.log, then: "end")
        let deployment = world.deployment(engine: EngineConfiguration(kind: .vllm))
        let handle = try await runtime.deploy(deployment)
        let failure = try await runtime.untilFailed(deployment, handle)
        #expect(failure.reason == row.reason, "\(failure.message)")
    }

    @Test func needsItsProgram() async throws {
        let world = try EngineWorld()
        let runtime = world.runtime { $0.vllm = "no-such-vllm" }
        let deployment = world.deployment(engine: EngineConfiguration(kind: .vllm))
        let handle = try await runtime.deploy(deployment)
        #expect(try await runtime.untilFailed(deployment, handle).reason == .commandNotFound)
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        let field: String
        var url = "file:///srv/chat.tar"
        var definition: String?
        var options: RuntimeOptions?
        let engine: EngineConfiguration
        var testDescription: String { field }
    }

    static let wrong: [Wrong] = {
        var options = RuntimeOptions()
        options.image = "vllm"
        return [
            Wrong(field: "/engine", definition: "models: []", engine: EngineConfiguration(kind: .vllm)),
            Wrong(field: "/runtime_options/image", options: options, engine: EngineConfiguration(kind: .vllm)),
            Wrong(
                field: "/engine/adapters/0/path",
                engine: EngineConfiguration(kind: .vllm, adapters: [.init(name: "a", path: "/etc")])),
            Wrong(
                field: "/engine/adapters/0/path", url: "file:///srv/chat.gguf",
                engine: EngineConfiguration(kind: .vllm, adapters: [.init(name: "a", path: "a")])),
        ]
    }()

    @Test(arguments: wrong)
    func refusesWhatCannotWork(wrong: Wrong) {
        let model = ResolvedModel(
            modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1, fileURL: wrong.url, sha256: "00",
            definition: wrong.definition)
        var configuration = ServiceConfiguration(
            modelID: model.modelID, modelVersion: .latest, requirements: ResourceRequirements())
        configuration.engine = wrong.engine
        configuration.options = wrong.options
        #expect(ProcessRuntimeProblems(model, configuration).all.map(\.field) == [wrong.field])
    }

    private static func deployment(
        _ url: String, _ engine: EngineConfiguration, _ requirements: ResourceRequirements = ResourceRequirements()
    ) -> Deployment {
        Deployment(
            serviceID: ModelServiceID(UUIDv7(high: 2, low: 2)),
            serviceName: ServiceName("chat") ?? { preconditionFailure("chat is a name") }(),
            instanceID: ModelServiceInstanceID(UUIDv7(high: 3, low: 3)), revision: 1,
            model: ResolvedModel(modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1, fileURL: url, sha256: "00"),
            requirements: requirements, replicas: 1, engine: engine)
    }

    /// A runtime whose `vllm` writes a recorded log, and then listens or ends.
    private static func runtime(
        _ world: EngineWorld, _ log: String, then: String, gate: String = ""
    ) throws -> ProcessRuntime {
        let program = "\(world.folder)/vllm"
        try Data(
            """
            #!/usr/bin/env python3
            import http.server, os, sys, time
            assert sys.argv[1] == "serve", sys.argv
            port = next(int(word[7:]) for word in sys.argv if word.startswith("--port="))
            lines = open("\(VLLMLogTests.path(log))").read().splitlines()
            for number, line in enumerate(lines):
                print(line, flush=True)
                if "Loading weights took" in line:
                    while "\(gate)" and not os.path.exists("\(gate)"): time.sleep(0.01)
            if "\(then)" == "end": sys.exit(1)
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                def log_message(self, *_): pass
            http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
            """.utf8
        ).write(to: URL(filePath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        return world.runtime { $0.vllm = program }
    }
}
