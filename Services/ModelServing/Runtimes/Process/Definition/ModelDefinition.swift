import ModelServingCore

/// How a model is served, as its model definition file says: the command, its port, how to see that it is well.
struct ModelDefinition: Hashable, Sendable {
    /// The model's name in the definition file.
    let name: String
    /// Where the engine finds the model file, below its working directory.
    let modelPath: String
    let preStartActions: [PreStartAction]
    /// The engine and its arguments, with placeholders.
    let startCommand: [String]
    /// Nil means that a free port is chosen.
    let port: UInt16?
    /// Added to the environment; values may hold placeholders.
    let environment: [String: String]
    let healthCheck: HealthCheck
    /// The engine whose log can be read; nil for one of somebody's definition file.
    var builtIn: EngineConfiguration.Kind?
}

/// When an engine counts as well.
struct HealthCheck: Hashable, Sendable {
    static let defaultMaxRetries = 10
    static let defaultInterval: Duration = .seconds(10)
    static let defaultMaxWaitTime: Duration = .seconds(15)
    static let defaultStatusCode = 200

    /// What is asked for; nil means that any answer to `GET /` will do.
    var path: String?
    /// Failures beyond the first that an engine is forgiven.
    var maxRetries = defaultMaxRetries
    /// Between two checks.
    var interval = defaultInterval
    /// For one answer.
    var maxWaitTime = defaultMaxWaitTime
    var expectedStatusCode = defaultStatusCode

    /// For the first answer, if it may take longer than all retries.
    var startTime: Duration?

    /// How long an engine may take to answer for the first time.
    var startBudget: Duration { startTime ?? interval * (maxRetries + 1) }
}

/// Something done in the instance's folder before the engine starts. Paths lie below that folder.
enum PreStartAction: Hashable, Sendable {
    case writeFile(path: String, body: String, mode: Int, append: Bool)
    /// The file's path is what the placeholder `{tempfile}` stands for afterwards.
    case writeTemporaryFile(body: String, mode: Int)
    case runCommand([String])
    case makeDirectory(path: String)
    case log(message: String, debug: Bool)
}
