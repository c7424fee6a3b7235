import Configuration
import ControlPlane
import FoundationEssentials
import ModelServingCore
import ProcessRuntime

extension ServingRuntimes {
    static let processSettings: [Configuration.Setting] = [
        .init(
            "SLIPWAY_MODEL_FILE_LIMIT_BYTES", default: "274877906944",
            "the largest model file that is fetched, in bytes"),
        .init("SLIPWAY_ENGINE_HOST", default: "127.0.0.1", "what engines are told to listen on"),
        .init("SLIPWAY_ENGINE_ADVERTISED_HOST", default: "127.0.0.1", "under which name the gateway reaches engines"),
        .init("SLIPWAY_VLLM", default: "vllm", "the program that services with the engine vllm run"),
    ]

    static func process(_ parts: ControlPlaneParts, _ ambient: Ambient) throws(Configuration.Failure) -> Part {
        let runtime = ProcessRuntime(
            try settings(parts.configuration), transport: parts.transport, random: ambient.random,
            logger: parts.logger)
        return Part(
            runtime: runtime,
            tasks: [RuntimeTask("process runtime", run: { await runtime.run() }, shutDown: { runtime.shutDown() })],
            check: ReadinessCheck("process_runtime") {
                switch await runtime.probe() {
                case .available: nil
                case .unavailable(let reason): reason
                }
            })
    }

    private static func settings(
        _ configuration: Configuration
    ) throws(Configuration.Failure) -> ProcessRuntime.Settings {
        var settings = ProcessRuntime.Settings(
            dataFolder: absolute(try configuration.string("SLIPWAY_DATA_DIR")),
            environment: ProcessInfo.processInfo.environment)
        settings.engineHost = try configuration.string("SLIPWAY_ENGINE_HOST")
        settings.advertisedHost = try configuration.string("SLIPWAY_ENGINE_ADVERTISED_HOST")
        settings.node = ProcessInfo.processInfo.hostName
        settings.modelFileLimitBytes = try modelFileLimit(configuration)
        settings.vllm = try configuration.string("SLIPWAY_VLLM")
        return settings
    }

    static func modelFileLimit(_ configuration: Configuration) throws(Configuration.Failure) -> Int {
        try configuration.integer("SLIPWAY_MODEL_FILE_LIMIT_BYTES", in: 1...Int.max)
    }

    /// Engines have working directories of their own, so that every path given to them must be absolute; and they are
    /// known by it, so that it must be the same after each start.
    static func absolute(_ folder: String) -> String {
        let path = folder.hasPrefix("/") ? folder : FileManager.default.currentDirectoryPath + "/" + folder
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
