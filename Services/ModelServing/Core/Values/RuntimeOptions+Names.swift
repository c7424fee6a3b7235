import Domain

extension RuntimeOptions {
    /// The options that say something, by their names in a request.
    public var names: [String] {
        let all: [(name: String, isSet: Bool)] = [
            ("image", image != nil), ("image_pull_secrets", imagePullSecrets != nil),
            ("service_account", serviceAccount != nil), ("node_name", nodeName != nil),
            ("node_selector", nodeSelector != nil), ("tolerations", tolerations != nil),
            ("command", command != nil), ("port", port != nil), ("health_path", healthPath != nil),
            ("environment", environment != nil), ("import_path", importPath != nil),
            ("deployment", deploymentName != nil), ("working_dir", workingDirectory != nil),
            ("application_arguments", applicationArguments != nil), ("autoscaling", autoscaling != nil),
            ("start_seconds", startSeconds != nil), ("max_surge", maximumSurge != nil),
            ("max_unavailable", maximumUnavailable != nil),
        ]
        return all.filter(\.isSet).map(\.name)
    }

    /// Options that say something to others than `runtime`, which takes those of `taken` only.
    public func problems(besides taken: Set<String>, on runtime: RuntimeKind) -> [FieldProblem] {
        names.filter { !taken.contains($0) }.map {
            FieldProblem(field: "/runtime_options/\($0)", message: "means nothing to the runtime \(runtime.rawValue)")
        }
    }
}
