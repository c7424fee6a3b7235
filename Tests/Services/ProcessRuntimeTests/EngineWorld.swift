import Cryptography
import Domain
import EventLoop
import FoundationEssentials
import HTTPClient
import ModelServingCore
import Observability
import RuntimeConformance
import Subprocess
import Synchronization
import TestSupport

@testable import ProcessRuntime

/// A data folder with a model file in it, and engines that are small Python programs.
final class EngineWorld: RuntimeWorld {
    let folder: String
    let transport: KeepAliveClient
    let sink = RecordingLogSink()
    let running = RunningRuntimes()
    private let instances = Mutex<[ModelServiceInstanceID]>([])

    init() throws {
        folder = FileManager.default.temporaryDirectory.path() + "engines-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("weights".utf8).write(to: URL(filePath: "\(folder)/tiny model.bin"))
        transport = KeepAliveClient(group: EventLoopGroup(count: 1))
    }

    deinit {
        running.endAll()
        for instance in instances.withLock({ $0 }) { marker.family(of: instance, leader: nil).send(9) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    var marker: EngineMarker { EngineMarker(dataFolder: "\(folder)/data") }

    var modelURL: String { "file://\(folder)/tiny%20model.bin" }

    func begin() async throws -> any Runtime { runtime() }

    func runtime(_ edit: (inout ProcessRuntime.Settings) -> Void = { _ in }) -> ProcessRuntime {
        var settings = ProcessRuntime.Settings(
            dataFolder: "\(folder)/data", environment: ProcessInfo.processInfo.environment)
        settings.grace = .seconds(2)
        edit(&settings)
        let runtime = ProcessRuntime(
            settings, transport: transport, random: { .random(in: 0...UInt64.max) },
            logger: Logger(sink: sink, now: { Timestamp(millisecondsSinceEpoch: 0) }))
        running.begin(runtime) { await runtime.run() }
        return runtime
    }

    func deployment(_ behaviour: EngineBehaviour) async throws -> Deployment {
        switch behaviour {
        case .healthy: deployment(Self.definition("python3", "engine.py", "{port}"))
        case .neverHealthy: deployment(Self.definition("python3", "engine.py", "{port}", "503", retries: 3))
        case .endsAtOnce: deployment(Self.definition("sh", "-c", "echo out of memory >&2; exit 7"))
        }
    }

    func deployment(engine: EngineConfiguration) -> Deployment { deployment(nil, engine: engine) }

    func deployment(
        _ definition: String?, sha256: String? = nil, url: String? = nil, engine: EngineConfiguration? = nil
    ) -> Deployment {
        let id = ModelServiceInstanceID(UUIDv7(high: .random(in: 1...UInt64.max), low: .random(in: 1...UInt64.max)))
        instances.withLock { $0.append(id) }
        let model = ResolvedModel(
            modelID: ModelID(UUIDv7(high: 1, low: 1)), version: 1, fileURL: url ?? modelURL,
            sha256: sha256 ?? SHA256.hash("weights").hex, definition: definition)
        return Deployment(
            serviceID: ModelServiceID(UUIDv7(high: 2, low: .random(in: 1...UInt64.max))),
            serviceName: ServiceName("tiny") ?? fallbackName, instanceID: id, revision: 1, model: model,
            requirements: ResourceRequirements(), replicas: 1, engine: engine)
    }

    private var fallbackName: ServiceName { preconditionFailure("tiny is a name") }

    /// An engine that counts its starts, and answers every GET with a status.
    static func definition(
        _ command: String..., retries: Int = 300, port: UInt16? = nil, path: String = "/health"
    ) -> String {
        let arguments = command.map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            models:
              - name: tiny
                model_path: /models
                service:
                  pre_start_actions:
                    - action: write_file
                      args:
                        filename: engine.py
                        body: |
                          import http.server, sys
                          open("../starts", "a").write("x")
                          status = int(sys.argv[2]) if len(sys.argv) > 2 else 200
                          class Handler(http.server.BaseHTTPRequestHandler):
                              protocol_version = "HTTP/1.1"
                              def do_GET(self):
                                  self.send_response(status)
                                  self.send_header("Content-Length", "2")
                                  self.end_headers()
                                  self.wfile.write(b"ok")
                              def log_message(self, *args): pass
                          print("listening", flush=True)
                          http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
                  start_command: [\(arguments)]
                  \(port.map { "port: \($0)" } ?? "")
                  health_check: {path: \(path), max_retries: \(retries), interval: 0.1, max_wait_time: 2}
            """
    }

    func killEngine(of instance: ModelServiceInstanceID) async throws {
        guard let engine = marker.engines(of: instance).first else { throw NoEngine(instance: instance) }
        ProcessFamily(leader: engine.process, marker: (name: "NO", value: "BODY")).send(9)
        while ProcessTable.isAlive(engine.process) { await Task.yield() }
    }

    struct NoEngine: Error { let instance: ModelServiceInstanceID }

    func hasLeftovers(of instance: ModelServiceInstanceID) async -> Bool {
        !marker.family(of: instance, leader: nil).members.isEmpty
            || !InstanceFolder(data: "\(folder)/data", instance: instance).workFolders.isEmpty
    }

    func starts(of instance: ModelServiceInstanceID) async -> Int {
        let folder = InstanceFolder(data: "\(folder)/data", instance: instance)
        return FileManager.default.contents(atPath: folder.path + "/starts")?.count ?? 0
    }
}
