import Domain
import ModelServingCore
import Testing

@testable import RayRuntime

@Suite struct RayProblemsTests {
    private static func fields(
        gpus: Int64 = 0, engine: EngineConfiguration? = nil, hasModelFolder: Bool = true,
        _ edit: (inout RuntimeOptions) -> Void
    ) -> [String] {
        var options = RuntimeOptions()
        edit(&options)
        let id = ModelID(UUIDv7(high: 1, low: 1))
        let configuration = ServiceConfiguration(
            modelID: id, modelVersion: ModelVersionSelector(1), requirements: ResourceRequirements(gpuDevices: gpus),
            runtime: .ray, engine: engine, options: options)
        let model = ResolvedModel(modelID: id, version: 1, fileURL: "https://example.com/x", sha256: "00")
        return RayProblems(model, configuration, hasModelFolder: hasModelFolder).problems.map(\.field)
    }

    @Test func takesWhatRayCanRun() {
        #expect(Self.fields { _ in }.isEmpty)
        #expect(Self.fields(gpus: 2, engine: EngineConfiguration(kind: .vllm, tensorParallelSize: 2)) { _ in }.isEmpty)
        let codes = ["https://x.org/a.zip", "s3://b/a.zip?versionId=1", "file:///srv/a.zip", "local:///srv/app"]
        for code in codes {
            let fields = Self.fields {
                $0.importPath = "package.module:build"
                $0.workingDirectory = code
                $0.applicationArguments = #"{"a": 1}"#
                $0.environment = ["A": "1"]
                $0.startSeconds = 60
                $0.autoscaling = .init(minimumReplicas: 0, maximumReplicas: 2)
            }
            #expect(fields.isEmpty, "\(code)")
        }
    }

    @Test func refusesOptionsOfOtherRuntimes() {
        let fields = Self.fields {
            $0.image = "x"
            $0.imagePullSecrets = ["x"]
            $0.serviceAccount = "x"
            $0.nodeName = "x"
            $0.nodeSelector = ["x": "y"]
            $0.tolerations = [.init(key: "x")]
            $0.command = ["x"]
            $0.port = 8000
            $0.healthPath = "/x"
            $0.maximumSurge = 1
            $0.maximumUnavailable = 1
        }
        #expect(
            fields
                == [
                    "image", "image_pull_secrets", "service_account", "node_name", "node_selector", "tolerations",
                    "command", "port", "health_path", "max_surge", "max_unavailable",
                ].map { "/runtime_options/\($0)" })
    }

    @Test(arguments: ["app", "app:", ":build", "a b:c", "a:b:c", "a..b", "app:build()", "../app:build"])
    func refusesAnImportPathThatIsNone(path: String) {
        #expect(Self.fields { $0.importPath = path } == ["/runtime_options/import_path"])
    }

    @Test(arguments: ["/srv/app", "app.zip", "ftp://x/a.zip", "https://x.org/app", "file:///srv/app"])
    func refusesCodeThatRayDoesNotFetch(code: String) {
        let fields = Self.fields {
            $0.importPath = "app:build"
            $0.workingDirectory = code
        }
        #expect(fields == ["/runtime_options/working_dir"])
    }

    @Test func refusesWhatDoesNotGoTogether() {
        let engine = EngineConfiguration(kind: .vllm)
        #expect(Self.fields(engine: engine) { $0.importPath = "app:build" } == ["/engine"])
        #expect(Self.fields { $0.applicationArguments = "{}" } == ["/runtime_options/application_arguments"])
        #expect(Self.fields { $0.workingDirectory = "s3://b/a.zip" } == ["/runtime_options/working_dir"])
        #expect(Self.fields { $0.deploymentName = "Chat" } == ["/runtime_options/deployment"])
        #expect(
            Self.fields {
                $0.importPath = "app:build"
                $0.applicationArguments = "[1]"
            } == ["/runtime_options/application_arguments"])
        #expect(Self.fields { $0.environment = ["SLIPWAY_X": "1"] } == ["/runtime_options/environment"])
        #expect(
            Self.fields { $0.autoscaling = .init(minimumReplicas: 2, maximumReplicas: 1) }
                == ["/runtime_options/autoscaling/min_replicas"])
        #expect(
            Self.fields(gpus: 3, engine: EngineConfiguration(kind: .vllm, tensorParallelSize: 2)) { _ in }
                == ["/engine/tensor_parallel_size"])
        let adapter = EngineConfiguration.Adapter(name: "x", path: "y")
        #expect(
            Self.fields(engine: EngineConfiguration(kind: .vllm, adapters: [adapter])) { _ in }
                == ["/engine/adapters"])
    }

    @Test func needsAFolderForModelFiles() {
        #expect(Self.fields(hasModelFolder: false) { _ in } == ["/runtime_options"])
        #expect(Self.fields(hasModelFolder: false) { $0.importPath = "app:build" }.isEmpty)
        #expect(
            Self.fields(hasModelFolder: false) {
                $0.importPath = "app:build"
                $0.applicationArguments = #"{"m": "{model_path}"}"#
            } == ["/runtime_options"])
    }
}
