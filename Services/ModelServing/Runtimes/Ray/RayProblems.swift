import Domain
import JSON
import ModelServingCore

/// What keeps a service from being run on Ray, as far as its configuration tells.
package struct RayProblems {
    /// Where Ray fetches an application's code from.
    static let codeSchemes = ["https", "http", "s3", "gs", "azure", "abfss", "file", "local"]

    /// Those of `runtime_options` that say something to this runtime.
    static let options: Set<String> = [
        "environment", "import_path", "deployment", "working_dir", "application_arguments", "autoscaling",
        "start_seconds",
    ]

    package private(set) var problems: [FieldProblem] = []

    /// - Parameter hasModelFolder: model files can be put where the cluster's nodes find them.
    init(_ model: ResolvedModel, _ configuration: ServiceConfiguration, hasModelFolder: Bool) {
        let options = configuration.options ?? RuntimeOptions()
        problems = options.problems(besides: Self.options, on: .ray)
        checkDeclaration(configuration, options)
        if !hasModelFolder, ApplicationConfiguration.needsModelFile(options) {
            add(
                "/runtime_options",
                "the model file is needed on the cluster's nodes, and SLIPWAY_RAY_MODEL_FOLDER is not set")
        }
    }

    /// Of what is declared to Serve only, wherever that runs.
    package init(applicationOf configuration: ServiceConfiguration) {
        checkDeclaration(configuration, configuration.options ?? RuntimeOptions())
    }

    private mutating func checkDeclaration(_ configuration: ServiceConfiguration, _ options: RuntimeOptions) {
        check(options)
        if options.importPath == nil { checkEngine(configuration) } else { checkApplication(options, configuration) }
        if let autoscaling = options.autoscaling { check(autoscaling, configuration) }
    }

    private mutating func add(_ field: String, _ message: String) {
        problems.append(FieldProblem(field: field, message: message))
    }

    private mutating func check(_ options: RuntimeOptions) {
        for name in (options.environment ?? [:]).keys.sorted() where name.hasPrefix("SLIPWAY_") {
            add("/runtime_options/environment", "\(name) belongs to Slipway")
        }
        if let directory = options.workingDirectory, let problem = Self.problem(inCodeAt: directory) {
            add("/runtime_options/working_dir", problem)
        }
    }

    private mutating func checkApplication(_ options: RuntimeOptions, _ configuration: ServiceConfiguration) {
        if let path = options.importPath, !Self.isImportPath(path) {
            add("/runtime_options/import_path", "must be like module:attribute")
        }
        if configuration.engine != nil {
            add("/engine", "is for vLLM; an application with an import_path of its own configures its engine itself")
        }
        guard let text = options.applicationArguments else { return }
        guard let arguments = try? JSONParser.parse(text), arguments.objectValue != nil else {
            return add("/runtime_options/application_arguments", "must be an object")
        }
    }

    private mutating func checkEngine(_ configuration: ServiceConfiguration) {
        let options = configuration.options ?? RuntimeOptions()
        if options.applicationArguments != nil {
            add(
                "/runtime_options/application_arguments",
                "is for applications with an import_path; what vLLM is told stands in /engine")
        }
        if options.workingDirectory != nil {
            add("/runtime_options/working_dir", "is for applications with an import_path")
        }
        if options.deploymentName != nil {
            add("/runtime_options/deployment", "is for applications with an import_path")
        }
        guard let engine = configuration.engine else { return }
        if engine.adapters != nil {
            add("/engine/adapters", "are not served by Ray's builder for vLLM from a folder; use another runtime")
        }
        let gpus = configuration.requirements.gpuDevices
        let (tensor, pipeline) = LanguageModel.parallelism(engine, gpus: gpus)
        if gpus > 0, tensor * pipeline != Int(gpus) {
            add(
                "/engine/tensor_parallel_size",
                "\(tensor) times pipeline_parallel_size \(pipeline) must be the \(gpus) GPUs of a replica")
        }
    }

    private mutating func check(_ autoscaling: RuntimeOptions.Autoscaling, _ configuration: ServiceConfiguration) {
        if autoscaling.minimumReplicas > autoscaling.maximumReplicas {
            add("/runtime_options/autoscaling/min_replicas", "must not be more than max_replicas")
        }
    }

    private static func isImportPath(_ path: String) -> Bool {
        let parts = path.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "." }
        return parts.count >= 2 && path.count { $0 == ":" } <= 1
            && parts.allSatisfy { part in
                part.first.map { $0 == "_" || $0.isLetter } == true
                    && part.allSatisfy { $0 == "_" || $0.isLetter || $0.isNumber }
            }
    }

    private static func problem(inCodeAt uri: String) -> String? {
        guard let end = uri.firstRange(of: "://"), codeSchemes.contains(String(uri[..<end.lowerBound])) else {
            return "must be a URI that Ray fetches from: \(codeSchemes.map { "\($0)://" }.joined(separator: ", "))"
        }
        guard !uri.hasPrefix("local://") else { return nil }
        let path = uri.prefix { $0 != "?" && $0 != "#" }
        return path.hasSuffix(".zip") ? nil : "must be a zip file"
    }
}
