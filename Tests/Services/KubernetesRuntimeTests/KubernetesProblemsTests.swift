import Domain
import ModelServingCore
import Testing

@testable import KubernetesRuntime

struct KubernetesProblemsTests {
    private func fields(
        url: String = "https://models.example/m.gguf", engine: EngineConfiguration? = nil, replicas: Int = 1,
        _ edit: (inout RuntimeOptions) -> Void
    ) -> [String] {
        var options = RuntimeOptions()
        options.image = "registry.example:5000/team/engine:1.0"
        edit(&options)
        let model = ResolvedModel(
            modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1, fileURL: url,
            sha256: String(repeating: "a", count: 64))
        let configuration = ServiceConfiguration(
            modelID: model.modelID, modelVersion: ModelVersionSelector(1), requirements: ResourceRequirements(),
            runtime: .kubernetes,
            replicas: replicas, engine: engine, options: options)
        return KubernetesProblems(model, configuration).problems.map(\.field)
    }

    @Test func takesWhatAPodCanBe() {
        #expect(fields { _ in }.isEmpty)
        let fine = fields { options in
            options.command = ["serve", "{model_path}"]
            options.nodeSelector = ["example.com/zone": "a"]
            options.tolerations = [RuntimeOptions.Toleration(key: "gpu", operator: .exists, effect: .noSchedule)]
            options.imagePullSecrets = ["registry"]
            options.environment = ["A_B": "x"]
        }
        #expect(fine.isEmpty)
        let vllm = fields(url: "s3://models/m.tar", engine: EngineConfiguration(kind: .vllm)) { $0.image = nil }
        #expect(vllm.isEmpty)
    }

    private typealias Edit = @Sendable (inout RuntimeOptions) -> Void

    private static let refused: [(String, Edit)] = [
        ("image", { $0.image = nil }), ("image", { $0.image = "with space" }),
        ("import_path", { $0.importPath = "a:b" }),
        ("autoscaling", { $0.autoscaling = .init(minimumReplicas: 1, maximumReplicas: 2) }),
        ("node_selector", { $0.nodeSelector = ["a b": "c"] }),
        ("node_selector", { $0.nodeSelector = ["a": "c d"] }),
        ("tolerations/0", { $0.tolerations = [.init(key: "a", operator: .exists, value: "b")] }),
        ("tolerations/0", { $0.tolerations = [.init(operator: .equal)] }),
        ("tolerations/0", { $0.tolerations = [.init(key: "a", effect: .noSchedule, seconds: 3)] }),
        ("image_pull_secrets", { $0.imagePullSecrets = ["No_Way"] }),
        ("service_account", { $0.serviceAccount = "A" }),
        ("environment", { $0.environment = ["1": "x"] }), ("environment", { $0.environment = ["SLIPWAY_X": "x"] }),
        ("health_path", { $0.healthPath = "health" }), ("port", { $0.port = 80 }),
        ("max_surge", { $0.maximumSurge = 0 }), ("node_name", { $0.nodeName = "Node 1" }),
    ]

    @Test(arguments: refused.indices)
    func refusesWhatTheClusterWouldRefuse(_ index: Int) {
        let (field, edit) = Self.refused[index]
        #expect(fields(edit).contains("/runtime_options/\(field)"))
    }

    @Test func aPodOnANodeIsOneReplica() {
        #expect(fields(replicas: 2) { $0.nodeName = "n1" } == ["/runtime_options/node_name"])
        let surge = fields { options in
            options.nodeName = "n1"
            options.maximumSurge = 1
        }
        #expect(surge == ["/runtime_options/max_surge"])
    }

    @Test func podsCannotReadFilesOfThisMachine() {
        #expect(fields(url: "file:///m") { $0.command = ["{model_path}"] } == ["/model_id"])
        #expect(fields(url: "file:///m") { $0.command = ["serve"] }.isEmpty)
    }

    @Test func aCommandAndAnEngineExcludeEachOther() {
        let both = fields(engine: EngineConfiguration(kind: .vllm)) { $0.command = ["serve"] }
        #expect(both == ["/runtime_options/command"])
    }
}
