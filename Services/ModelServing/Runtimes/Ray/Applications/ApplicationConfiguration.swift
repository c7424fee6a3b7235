import Domain
import JSON
import ModelServingCore

/// What is declared to Serve for an instance.
///
/// Everything that makes Serve build the application anew stays the same for as long as the instance lives: import
/// path, arguments and environment. The number of replicas stands apart, as an option of one deployment, since changing
/// that leaves the replicas alone that are there.
package struct ApplicationConfiguration: Sendable {
    /// Marks an application as one of this installation.
    static let installationVariable = "SLIPWAY_INSTALLATION"
    static let instanceVariable = "SLIPWAY_INSTANCE_ID"

    let deployment: Deployment
    let name: ApplicationName
    private let installation: String

    package init(_ deployment: Deployment, installation: String) {
        self.deployment = deployment
        self.installation = installation
        name = ApplicationName(of: deployment, installation: installation)
    }

    /// vLLM, as Ray itself brings it up; otherwise an application of the user's own.
    package var isLanguageModel: Bool { deployment.options.importPath == nil }

    var needsModelFile: Bool { Self.needsModelFile(deployment.options) }

    /// Whether the application is told where the model file is.
    package static func needsModelFile(_ options: RuntimeOptions) -> Bool {
        let texts = [options.applicationArguments ?? ""] + (options.environment ?? [:]).values
        return options.importPath == nil || texts.contains { $0.contains(ApplicationPlaceholders.modelPath) }
    }

    /// The deployment whose replicas are those of the instance, as far as that is known before the application was
    /// built: for an application of the user's own it is the one that the user names, or else whichever takes the
    /// requests, which Serve tells.
    package var mainDeployment: String? {
        isLanguageModel
            ? LanguageModel.deploymentName(modelID: deployment.serviceName.description)
            : deployment.options.deploymentName
    }

    /// - Parameters:
    ///   - modelPath: of the model's file or folder on the cluster's nodes; nil if the application is not told.
    ///   - main: the deployment whose replicas are those of the instance; nil if that is not known yet. Then Serve
    ///     begins with what the application's code says.
    package func value(modelPath: String?, main: String?) -> JSONValue {
        let placeholders = ApplicationPlaceholders(deployment, modelPath: modelPath)
        let options = deployment.options
        var variables = isLanguageModel ? VLLMEnvironment.variables(of: deployment) : [:]
        variables.merge((options.environment ?? [:]).mapValues { placeholders.expand($0) }) { $1 }
        variables[Self.installationVariable] = installation
        variables[Self.instanceVariable] = deployment.instanceID.description
        let variablesValue = JSONValue.object(
            JSONObject(variables.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))

        var environment = JSONObject()
        environment["working_dir"] = options.workingDirectory.map { .string($0) }
        environment["env_vars"] = variablesValue

        var configuration = JSONObject()
        configuration["name"] = .string(name.description)
        configuration["route_prefix"] = .string(name.routePrefix)
        configuration["import_path"] = .string(options.importPath ?? LanguageModel.builder)
        configuration["runtime_env"] = .object(environment)
        if isLanguageModel {
            configuration["args"] =
                LanguageModel(deployment, source: modelPath ?? "", variables: variablesValue).arguments
        } else if let text = options.applicationArguments, let arguments = try? JSONParser.parse(text) {
            configuration["args"] = placeholders.expand(arguments)
        }
        if let main { configuration["deployments"] = [replicas(of: main)] }
        return .object(configuration)
    }

    private func replicas(of main: String) -> JSONValue {
        var options = JSONObject()
        options["name"] = .string(main)
        if let autoscaling = deployment.options.autoscaling {
            options["autoscaling_config"] = autoscaling.value
        } else {
            options["num_replicas"] = .integer(Int64(deployment.replicas))
            options["autoscaling_config"] = .null
        }
        // Ray's builder reckons up what vLLM's replicas take, and an option here would take the place of all of that.
        if !isLanguageModel { options["ray_actor_options"] = deployment.requirements.actorOptions(hasGPUs: true) }
        return .object(options)
    }

    /// `declared`, with what can only be said once the application's main deployment is known.
    func completed(_ declared: JSONValue, main: String) -> JSONValue {
        guard var object = declared.objectValue else { return declared }
        object["deployments"] = [replicas(of: main)]
        return .object(object)
    }

    /// `configuration` with another number of replicas; nil if there is nothing in it to change.
    static func scaled(_ configuration: JSONValue, to replicas: Int) -> JSONValue? {
        guard var object = configuration.objectValue,
            var options = object["deployments"]?.arrayValue?.first?.objectValue,
            options["num_replicas"]?.integerValue != nil
        else { return nil }
        options["num_replicas"] = .integer(Int64(replicas))
        object["deployments"] = .array([.object(options)])
        return .object(object)
    }

    /// How many replicas a configuration asks for; nil if it leaves it to somebody else.
    package static func replicas(in configuration: JSONValue?) -> Int? {
        configuration?["deployments"]?.arrayValue?.first?["num_replicas"]?.integerValue.map { Int($0) }
    }

    /// Whether it says how many replicas there should be and what each takes.
    static func isComplete(_ configuration: JSONValue) -> Bool {
        configuration["deployments"]?.arrayValue?.isEmpty == false
    }

    /// Whether an application that was declared so is one of `installation`.
    static func isMarked(_ configuration: JSONValue, installation: String) -> Bool {
        configuration["runtime_env"]?["env_vars"]?[installationVariable]?.stringValue == installation
    }
}

extension ResourceRequirements {
    /// What a replica takes, in Ray's words; nil if that is left to the application.
    func actorOptions(hasGPUs: Bool) -> JSONValue? {
        var options = JSONObject()
        if cpuMillicores > 0 {
            options["num_cpus"] =
                cpuMillicores % 1000 == 0 ? .integer(cpuMillicores / 1000) : .number(Double(cpuMillicores) / 1000)
        }
        if hasGPUs, gpuDevices > 0 { options["num_gpus"] = .integer(gpuDevices) }
        if memoryMebibytes > 0 { options["memory"] = .integer(memoryMebibytes << 20) }
        return options.count == 0 ? nil : .object(options)
    }
}

extension RuntimeOptions.Autoscaling {
    var value: JSONValue {
        var object = JSONObject()
        object["min_replicas"] = .integer(Int64(minimumReplicas))
        object["max_replicas"] = .integer(Int64(maximumReplicas))
        if let targetOngoingRequests { object["target_ongoing_requests"] = .number(targetOngoingRequests) }
        return .object(object)
    }
}
