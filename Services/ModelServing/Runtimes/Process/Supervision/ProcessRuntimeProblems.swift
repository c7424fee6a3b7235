import Domain
import ModelFiles
import ModelServingCore

/// What keeps a model from being run on this machine, as far as its definition and the configuration tell.
struct ProcessRuntimeProblems {
    private let model: ResolvedModel
    private let configuration: ServiceConfiguration

    init(_ model: ResolvedModel, _ configuration: ServiceConfiguration) {
        self.model = model
        self.configuration = configuration
    }

    var all: [FieldProblem] {
        let options = configuration.options ?? RuntimeOptions()
        guard let engine = configuration.engine else {
            return options.problems(besides: [], on: .process) + definitionProblems
        }
        return options.problems(besides: ["start_seconds"], on: .process) + problems(with: engine)
    }

    private var definitionProblems: [FieldProblem] {
        guard let text = model.definition else {
            let message =
                "version \(model.version) of the model has none; the process runtime needs one, or an engine to start"
            return [FieldProblem(field: "model_definition", message: message)]
        }
        let reader = ModelDefinitionReader(text)
        guard let port = reader.definition?.port, configuration.replicas > 1 else { return reader.problems }
        return [
            FieldProblem(
                field: "model_definition/models/0/service/port",
                message:
                    "\(port) is one port, for one replica on this machine; leave it out to have one chosen for each")
        ]
    }

    private func problems(with engine: EngineConfiguration) -> [FieldProblem] {
        var problems: [FieldProblem] = []
        if model.definition != nil {
            let message =
                "version \(model.version) of the model has a model definition file, which says how to start an engine; "
                + "leave out one of the two"
            problems.append(FieldProblem(field: "/engine", message: message))
        }
        for (index, adapter) in (engine.adapters ?? []).enumerated() {
            // Anything else on this machine is nobody's to read through a service.
            if adapter.path.hasPrefix("/") {
                let message = "must lie in the model's folder"
                problems.append(FieldProblem(field: "/engine/adapters/\(index)/path", message: message))
            } else if ModelArchive(url: model.fileURL) == nil {
                let message = "lies in the model's folder, and the model is one file (no .tar, .tar.gz or .tgz)"
                problems.append(FieldProblem(field: "/engine/adapters/\(index)/path", message: message))
            }
        }
        return problems
    }
}
