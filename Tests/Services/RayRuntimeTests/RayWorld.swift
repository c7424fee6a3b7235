import Cryptography
import Domain
import EventLoop
import FoundationEssentials
import HTTP
import HTTPClient
import HTTPServer
import JSON
import ModelFiles
import ModelServingCore
import Observability
import RuntimeConformance
import TestSupport

@testable import RayRuntime

/// A Ray Serve that answers over HTTP, and a folder with a model file.
final class RayWorld: RuntimeWorld {
    let serve = FakeServe()
    let folder: String
    let dashboard: HTTPBaseURL
    let transport: KeepAliveClient
    let sink = RecordingLogSink()
    private let group: EventLoopGroup
    private let server: HTTPServer
    let running = RunningRuntimes()

    init() async throws {
        group = EventLoopGroup(count: 1)
        transport = KeepAliveClient(group: group)
        server = HTTPServer(responder: serve, group: group)
        let port = try await server.start(host: "127.0.0.1", port: 0).port
        dashboard = try HTTPBaseURL("http://127.0.0.1:\(port)").orFail()
        folder = FileManager.default.temporaryDirectory.path() + "ray-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("weights".utf8).write(to: URL(filePath: "\(folder)/weights.bin"))
    }

    deinit {
        running.endAll()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func begin() async throws -> any Runtime { runtime() }

    func runtime(
        _ edit: (inout RayRuntime.Settings) -> Void = { _ in },
        now: @escaping @Sendable () -> Timestamp = SystemClock.now
    ) -> RayRuntime {
        var settings = RayRuntime.Settings(installation: "test", dashboard: dashboard, proxy: dashboard)
        settings.interval = .milliseconds(20)
        settings.emptinessPatience = .milliseconds(50)
        settings.buildPatience = .milliseconds(200)
        edit(&settings)
        let files = ModelFileCache(
            data: "\(folder)/data", fetcher: ModelFileFetcher(transport: transport, limitBytes: 1 << 20))
        let runtime = RayRuntime(
            settings, files: files, transport: transport, random: { .random(in: 0...UInt64.max) }, now: now,
            logger: logger)
        running.begin(runtime) { await runtime.run() }
        return runtime
    }

    var logger: Logger { Logger(sink: sink, now: { Timestamp(millisecondsSinceEpoch: 0) }) }

    func book(_ edit: (inout ServeBook.Settings) -> Void = { _ in }) -> ServeBook {
        var settings = ServeBook.Settings()
        settings.emptinessPatience = .zero
        settings.buildPatience = .zero
        settings.firstPause = .milliseconds(4)
        edit(&settings)
        return ServeBook(
            ServeClient(dashboard, transport: transport), settings, random: { .random(in: 0...UInt64.max) },
            logger: logger)
    }

    /// Stops answering, until it is called again.
    func toggle(isThere: Bool) async throws {
        if isThere {
            try await server.start(host: "127.0.0.1", port: dashboard.origin.port)
        } else {
            await server.drain(deadline: .zero)
        }
    }

    func deployment(_ behaviour: EngineBehaviour) async throws -> Deployment {
        switch behaviour {
        case .healthy: deployment("chat:build")
        case .neverHealthy: deployment("never:build") { $0.startSeconds = 1 }
        case .endsAtOnce: deployment("broken:build")
        }
    }

    func deployment(
        _ importPath: String?, replicas: Int = 1, requirements: ResourceRequirements = ResourceRequirements(),
        _ edit: (inout RuntimeOptions) -> Void = { _ in }
    ) -> Deployment {
        var options = RuntimeOptions()
        options.importPath = importPath
        if importPath != nil { options.applicationArguments = #"{"model": "{model_path}"}"# }
        edit(&options)
        return Deployment(
            serviceID: ModelServiceID(UUIDv7(high: 2, low: .random(in: 1...UInt64.max))),
            serviceName: name, instanceID: ModelServiceInstanceID(Self.newID), revision: 1,
            model: ResolvedModel(
                modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1, fileURL: "file://\(folder)/weights.bin",
                sha256: SHA256.hash("weights").hex),
            requirements: requirements, replicas: replicas, options: options)
    }

    private static var newID: UUIDv7 { UUIDv7(high: .random(in: 1...UInt64.max), low: .random(in: 1...UInt64.max)) }

    private var name: ServiceName { ServiceName("tiny-chat") ?? fallbackName }

    private var fallbackName: ServiceName { preconditionFailure("tiny-chat is a name") }

    func name(of deployment: Deployment) -> String {
        ApplicationName(of: deployment, installation: "test").description
    }

    /// Whether the number of replicas is declared, which begins the application anew, and it is in its last state.
    func isSettled(_ deployment: Deployment) -> Bool {
        serve.change { [name = name(of: deployment)] state in
            guard let application = state.applications[name], let declared = application.configuration else {
                return false
            }
            return ApplicationConfiguration.isComplete(declared) && application.states.count == 1
        }
    }

    func killEngine(of instance: ModelServiceInstanceID) async throws {
        serve.change { state in
            for name in state.applications.keys where ApplicationName.instance(of: name) == instance {
                state.applications[name] = nil
            }
        }
    }

    func hasLeftovers(of instance: ModelServiceInstanceID) async -> Bool {
        serve.change { $0.applications.keys.contains { ApplicationName.instance(of: $0) == instance } }
    }

    func starts(of instance: ModelServiceInstanceID) async -> Int {
        serve.change { state in
            state.starts.filter { ApplicationName.instance(of: $0.key) == instance }.values.reduce(0, +)
        }
    }

    /// Puts in an application that somebody else declared.
    func addForeign(_ name: String, states: [String] = ["running"], isImperative: Bool = false) {
        let configuration: JSONValue = [
            "name": .string(name), "route_prefix": .string("/\(name)"), "import_path": "their:app",
        ]
        serve.change { state in
            if state.settings == nil { state.settings = try? Recording.value("serve") }
            state.applications[name] = FakeServe.Application(
                configuration: configuration, states: states, isImperative: isImperative)
        }
    }
}

extension Optional {
    /// Its value; there is none where a test's own data is wrong.
    func orFail() throws -> Wrapped {
        guard let self else { throw Missing() }
        return self
    }
}

struct Missing: Error {}
