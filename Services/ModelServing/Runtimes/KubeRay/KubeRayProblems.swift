import Domain
import KubernetesObjects
import ModelFiles
import ModelServingCore
import RayRuntime

/// What keeps a service from being run as a RayService: what the API server would refuse, what the operator would only
/// say later, and what nobody would ever say.
struct KubeRayProblems {
    static let options: Set<String> = [
        "image", "image_pull_secrets", "service_account", "node_selector", "tolerations", "environment", "import_path",
        "deployment", "working_dir", "application_arguments", "autoscaling", "start_seconds",
    ]
    /// Ray alone takes most of less.
    static let minimumMebibytes: Int64 = 1024

    private(set) var problems: [FieldProblem]

    init(_ model: ResolvedModel, _ configuration: ServiceConfiguration) {
        let options = configuration.options ?? RuntimeOptions()
        problems = options.problems(besides: Self.options, on: .kuberay)
        problems += PlacementProblems(options).problems
        problems += RayProblems(applicationOf: configuration).problems
        if options.image == nil {
            add("/runtime_options/image", "is required: the image with Ray, and with vLLM if that is the engine")
        }
        check(configuration.requirements)
        if ApplicationConfiguration.needsModelFile(options) { check(model, options) }
        if options.importPath != nil, options.deploymentName == nil { checkReplicas(of: configuration, options) }
    }

    private mutating func add(_ field: String, _ message: String) {
        problems.append(FieldProblem(field: field, message: message))
    }

    /// Without them a worker is as large as its node in Ray's eyes.
    private mutating func check(_ requirements: ResourceRequirements) {
        if requirements.cpuMillicores == 0 {
            add("/resource_requirements/cpu", "is required: each replica is a pod of its own")
        }
        if requirements.memoryMebibytes < Self.minimumMebibytes {
            add("/resource_requirements/memory", "must be at least \(Self.minimumMebibytes)Mi")
        }
    }

    private mutating func check(_ model: ResolvedModel, _ options: RuntimeOptions) {
        if !ModelVolume.schemes.contains(ModelVolume.scheme(of: model.fileURL)) {
            let schemes = ModelVolume.schemes.map { "\($0)://" }.joined(separator: ", ")
            add("/model_id", "the model file \(model.fileURL) cannot be fetched by a pod; it can from \(schemes)")
        }
        if options.importPath == nil, ModelArchive(url: model.fileURL) == nil {
            add("/model_id", "vLLM on Ray wants a model folder: a .tar, .tar.gz or .tgz file")
        }
    }

    /// Which deployment of such an application has the replicas only the user knows.
    private mutating func checkReplicas(of configuration: ServiceConfiguration, _ options: RuntimeOptions) {
        if configuration.replicas > 1 {
            add("/replicas", "\(Self.needsName), for more than one")
        }
        if options.autoscaling != nil {
            add("/runtime_options/autoscaling", Self.needsName)
        }
    }

    private static let needsName =
        "needs /runtime_options/deployment, the one deployment of the application that has the replicas"
}
