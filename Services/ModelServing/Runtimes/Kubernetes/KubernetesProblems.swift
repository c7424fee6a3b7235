import Domain
import KubernetesObjects
import ModelServingCore

/// What keeps a service from being run as a Deployment, as far as its configuration tells.
struct KubernetesProblems {
    private static let options: Set = [
        "image", "image_pull_secrets", "service_account", "node_name", "node_selector", "tolerations", "command",
        "port", "health_path", "environment", "start_seconds", "max_surge", "max_unavailable",
    ]
    private static let maximumHealthPathLength = 1024

    private(set) var problems: [FieldProblem]

    init(_ model: ResolvedModel, _ configuration: ServiceConfiguration) {
        let options = configuration.options ?? RuntimeOptions()
        problems = options.problems(besides: Self.options, on: .kubernetes) + PlacementProblems(options).problems
        checkEngine(options, configuration)
        checkModel(model, configuration.engine, options)
        checkRollingUpdate(options)
        if let path = options.healthPath, !Self.isPath(path) {
            add("health_path", "must be a path, like \(RuntimeOptions.defaultHealthPath)")
        }
        if let port = options.port, !RuntimeOptions.portRange.contains(port) {
            let range = RuntimeOptions.portRange
            add("port", "must be from \(range.lowerBound) to \(range.upperBound)")
        }
        if let node = options.nodeName { checkNode(node, configuration) }
    }

    private mutating func add(_ name: String, _ message: String) {
        problems.append(FieldProblem(field: "/runtime_options/\(name)", message: message))
    }

    private mutating func checkEngine(_ options: RuntimeOptions, _ configuration: ServiceConfiguration) {
        guard let engine = configuration.engine else {
            if options.image == nil { add("image", "is required for an engine of your own; or choose one as `engine`") }
            return
        }
        problems += VLLMConfiguration(engine).problems(requirements: configuration.requirements).filter {
            !problems.contains($0)
        }
        if options.command != nil { add("command", "is made from `engine`; give one of the two") }
    }

    private mutating func checkModel(
        _ model: ResolvedModel, _ engine: EngineConfiguration?, _ options: RuntimeOptions
    ) {
        guard EngineCommand.needsModel(engine, options) else { return }
        guard !ModelVolume.schemes.contains(ModelVolume.scheme(of: model.fileURL)) else { return }
        problems.append(
            FieldProblem(
                field: "/model_id",
                message: "pods fetch the model file themselves, so its URL must begin with "
                    + "\(ModelVolume.schemes.map { "\($0)://" }.joined(separator: ", "))"))
    }

    private mutating func checkRollingUpdate(_ options: RuntimeOptions) {
        let surge = options.maximumSurge ?? InstanceManifests.defaultSurge
        let unavailable = options.maximumUnavailable ?? InstanceManifests.defaultUnavailable
        if surge == 0, unavailable == 0 {
            add("max_surge", "must not be 0 where max_unavailable is 0: nothing could ever be replaced")
        }
    }

    private mutating func checkNode(_ node: String, _ configuration: ServiceConfiguration) {
        if !NameSyntax.isSubdomain(node) { add("node_name", "\"\(node)\" cannot be the name of a node") }
        if configuration.replicas > 1 { add("node_name", "one node runs one replica; leave it out for more") }
        for name in configuration.options?.names ?? [] where ["max_surge", "max_unavailable"].contains(name) {
            add(name, "means nothing to a single Pod on a node of its own")
        }
    }

    private static func isPath(_ text: String) -> Bool {
        text.hasPrefix("/") && text.utf8.count <= maximumHealthPathLength
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    }
}
