import HTTP
import Configuration
import ControlPlane
import ModelFiles
import ModelServingCore
import RayRuntime

extension ServingRuntimes {
    static let raySettings: [Configuration.Setting] = [
        .init(
            "SLIPWAY_RAY_URL", "the dashboard of a Ray cluster, as in http://127.0.0.1:8265; without it, no ray runtime"
        ),
        .init(
            "SLIPWAY_RAY_PROXY_URL", default: "http://127.0.0.1:8000",
            "where the cluster's Serve proxies answer, for the gateway too"),
        .init(
            "SLIPWAY_RAY_MODEL_FOLDER",
            "a folder that all nodes of the cluster see under this path, where model files are put for them"),
        .init("SLIPWAY_RAY_TOKEN", "sent to a cluster that asks for one"),
    ]

    static func ray(
        _ parts: ControlPlaneParts, _ installation: Installation, _ ambient: Ambient
    ) throws(Configuration.Failure) -> Built {
        let configuration = parts.configuration
        guard configuration.optional("SLIPWAY_RAY_URL") != nil else { return .missing("SLIPWAY_RAY_URL is not set") }
        let runtime = RayRuntime(
            RayRuntime.Settings(
                installation: installation.name, dashboard: try address("SLIPWAY_RAY_URL", configuration),
                proxy: try address("SLIPWAY_RAY_PROXY_URL", configuration),
                token: configuration.optional("SLIPWAY_RAY_TOKEN")),
            files: try files(parts), transport: parts.transport, random: ambient.random, now: ambient.now,
            logger: parts.logger)
        return .built(
            Part(
                runtime: runtime,
                tasks: [RuntimeTask("ray runtime", run: { await runtime.run() }, shutDown: { runtime.shutDown() })]))
    }

    private static func files(_ parts: ControlPlaneParts) throws(Configuration.Failure) -> ModelFileCache? {
        guard let folder = parts.configuration.optional("SLIPWAY_RAY_MODEL_FOLDER") else { return nil }
        let fetcher = ModelFileFetcher(
            transport: parts.transport, limitBytes: try modelFileLimit(parts.configuration))
        return ModelFileCache(data: absolute(folder), fetcher: fetcher, readers: .everyone)
    }

    private static func address(
        _ name: String, _ configuration: Configuration
    ) throws(Configuration.Failure) -> HTTPBaseURL {
        let url = try configuration.string(name)
        guard let address = HTTPBaseURL(url) else {
            throw .invalid("\(name) is \"\(url)\"; it must be like http://127.0.0.1:8265")
        }
        return address
    }
}
