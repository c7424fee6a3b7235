import Domain
import ModelServingCore
import Testing

@testable import KubeRayRuntime

@Suite struct KubeRayProblemsTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let field: String
        var url = "https://models.example/chat.tar"
        var requirements = ResourceRequirements(cpuMillicores: 1000, memoryMebibytes: 4096)
        var replicas = 1
        var engine: EngineConfiguration?
        var options: RuntimeOptions = KubeRayProblemsTests.options { _ in }
        var testDescription: String { field }
    }

    static func options(_ edit: (inout RuntimeOptions) -> Void) -> RuntimeOptions {
        var options = RuntimeOptions()
        options.image = "registry.example/ray:2.60"
        edit(&options)
        return options
    }

    static let rows: [Row] = [
        Row(field: "/runtime_options/image", options: RuntimeOptions()),
        Row(field: "/runtime_options/image", options: options { $0.image = "not an image" }),
        Row(field: "/runtime_options/port", options: options { $0.port = 8001 }),
        Row(field: "/runtime_options/node_name", options: options { $0.nodeName = "edge" }),
        Row(field: "/runtime_options/node_selector", options: options { $0.nodeSelector = ["zone": "a b"] }),
        Row(field: "/runtime_options/import_path", options: options { $0.importPath = "no colon here" }),
        Row(
            field: "/runtime_options/working_dir",
            options: options {
                $0.importPath = "app:build"
                $0.workingDirectory = "/srv/code"
            }),
        Row(field: "/resource_requirements/cpu", requirements: ResourceRequirements(memoryMebibytes: 4096)),
        Row(
            field: "/resource_requirements/memory",
            requirements: ResourceRequirements(cpuMillicores: 1000, memoryMebibytes: 100)),
        Row(field: "/model_id", url: "file:///srv/chat.tar"),
        Row(field: "/model_id", url: "https://models.example/chat.gguf"),
        Row(field: "/replicas", replicas: 2, options: options { $0.importPath = "app:build" }),
        Row(
            field: "/runtime_options/autoscaling",
            options: options {
                $0.importPath = "app:build"
                $0.autoscaling = .init(minimumReplicas: 0, maximumReplicas: 2)
            }),
        Row(
            field: "/engine/adapters",
            engine: EngineConfiguration(kind: .vllm, adapters: [.init(name: "a", path: "a")])),
    ]

    @Test(arguments: rows)
    func isFoundBeforeAnythingIsMade(row: Row) {
        let problems = Self.problems(row)
        #expect(problems.contains { $0.field == row.field }, "\(problems)")
    }

    @Test func findsNothingWrongWithWhatIsRight() {
        #expect(Self.problems(Row(field: "")).isEmpty)
        let engine = EngineConfiguration(kind: .vllm)
        #expect(Self.problems(Row(field: "", url: "s3://bucket/chat.tgz", engine: engine)).isEmpty)
        let own = Row(field: "", url: "file:///any", options: Self.options { $0.importPath = "app:build" })
        #expect(Self.problems(own).isEmpty)
        let many = Row(
            field: "", replicas: 2,
            options: Self.options {
                $0.importPath = "app:build"
                $0.deploymentName = "Chat"
                $0.autoscaling = .init(minimumReplicas: 1, maximumReplicas: 3)
            })
        #expect(Self.problems(many).isEmpty)
    }

    private static func problems(_ row: Row) -> [FieldProblem] {
        let model = ResolvedModel(
            modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1, fileURL: row.url, sha256: "00")
        var configuration = ServiceConfiguration(
            modelID: model.modelID, modelVersion: .latest, requirements: row.requirements, runtime: .kuberay,
            replicas: row.replicas)
        configuration.engine = row.engine
        configuration.options = row.options
        return KubeRayProblems(model, configuration).problems
    }
}
