import Cryptography
import Foundation
import HTTP
import JSON
import Subprocess
import TestSupport
import Testing

/// Models, pools and engines for tests that serve something on a whole control plane.
struct ServingScenario: Sendable {
    static let members: [ControlPlaneStack.Member] = [.sidecar, .models, .resources, .serving]
    static let deadline: Duration = .seconds(60)
    static let weights = "weights of a model"
    private static let marker = "SLIPWAY_INSTANCE_ID"

    let stack: ControlPlaneStack

    /// Runs `body` on a control plane with 2000 millicores and 1024 MiB, and ends every engine that it leaves.
    static func run(
        _ members: [ControlPlaneStack.Member] = members, database: OwnPostgreSQL? = nil,
        appToken: String? = ControlPlaneStack.appToken, _ body: (ServingScenario) async throws -> Void
    ) async throws {
        // Where no gateway runs, none has requests left to wait for.
        let isServed = members.contains(.gateway)
        let settings = isServed ? [:] : ["SLIPWAY_UNREPORTED_DRAIN_SECONDS": "0"]
        try await ControlPlaneStack.run(members, database: database, appToken: appToken, settings: settings) { stack in
            let scenario = ServingScenario(stack: stack)
            do {
                try await scenario.prepare()
                try await body(scenario)
            } catch {
                await scenario.endEngines()
                throw error
            }
            #expect(scenario.engines.isEmpty, "engines are left")
            await scenario.endEngines()
        }
    }

    private func prepare() async throws {
        try Data(Self.weights.utf8).write(to: URL(fileURLWithPath: "\(stack.folder)/model.bin"))
        try Data(Self.engine.utf8).write(to: URL(fileURLWithPath: "\(stack.folder)/engine.py"))
        try await pool("cpu", "CPU", 2000)
        try await pool("memory", "Memory", 1024)
    }

    func pool(_ name: String, _ type: String, _ total: Int64) async throws {
        let pool: JSONValue = [
            "name": .string(name), "resource_type": .string(type), "total_capacity": .integer(total),
        ]
        #expect(try await stack.send(.post, "/resource_pools", of: .resources, pool).status == 201)
    }

    /// Answers every GET with its instance, and with 503 until `DELAY` seconds have passed; `/sleep/N` after N seconds.
    private static let engine = """
        import http.server, os, time
        begin, delay = time.time(), float(os.environ.get("DELAY", "0"))
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                body = os.environ["SLIPWAY_INSTANCE_ID"].encode()
                if self.path.startswith("/sleep/"): time.sleep(float(self.path[7:]))
                self.send_response(200 if time.time() - begin >= delay else 503)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *args): pass
        print("listening", flush=True)
        http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
        """

    // MARK: Models and services

    /// A model definition file that starts the scenario's engine, unless another command is given.
    /// - Parameter patience: looks, two a second, until an engine that is not healthy is given up; by default so many
    ///   that even half a dozen which start at once on a busy machine come up.
    func definition(
        _ command: [String]? = nil, port: UInt16? = nil, delay: Int = 0, patience: Int = 60
    ) -> String {
        var service = JSONObject([
            ("start_command", .array((command ?? ["python3", "\(stack.folder)/engine.py"]).map(JSONValue.string))),
            ("environment", ["DELAY": .integer(Int64(delay))]),
            ("health_check", ["path": "/health", "max_retries": .integer(Int64(patience)), "interval": 0.5]),
        ])
        service["port"] = port.map { .integer(Int64($0)) }
        let model: JSONValue = ["name": "m", "model_path": "/models", "service": .object(service)]
        return JSONWriter.text(["models": [model]])
    }

    /// The id of a new model with one version.
    func model(_ definition: String, sha256: String = SHA256.hash(weights).hex, url: String? = nil) async throws
        -> String
    {
        let name = "m-\(UUID().uuidString.lowercased())"
        let model = try await stack.send(.post, "/models", of: .models, ["name": .string(name)])
        let id = try #require(model.json["id"]?.stringValue, "\(model.json)")
        let version: JSONValue = [
            "model_file_url": .string(url ?? "file://\(stack.folder)/model.bin"), "sha256": .string(sha256),
            "model_definition": .string(definition),
        ]
        #expect(try await stack.send(.post, "/models/\(id)/versions", of: .models, version).status == 201)
        return id
    }

    /// The path of a new service.
    func service(_ name: String, of model: String, _ more: [(String, JSONValue)] = []) async throws -> String {
        var body = JSONObject([
            ("name", .string(name)), ("model_id", .string(model)),
            ("resource_requirements", ["cpu": "500m", "memory": "64Mi"]),
        ])
        for (name, value) in more { body[name] = value }
        let answer = try await stack.send(.post, "/model_services", of: .serving, .object(body))
        #expect(answer.status == 202, "\(answer.json)")
        return try #require(answer.fields["Location"])
    }

    func delete(_ path: String) async throws {
        #expect(try await stack.send(.delete, path, of: .serving).status == 202)
    }

    /// The service once its status is `status`.
    @discardableResult
    func until(_ status: String, _ path: String) async throws -> JSONValue {
        try await until(path) { $0.json["status"]?.stringValue == status ? .some($0.json) : .none }
    }

    func until(_ path: String, _ condition: (JSONValue) -> Bool) async throws {
        try await until(path) { condition($0.json) ? () : nil }
    }

    func untilGone(_ path: String) async throws {
        try await until(path) { $0.status == 404 ? () : nil }
    }

    private func until<Value>(
        _ path: String, _ value: (ControlPlaneStack.Answer) -> Value?
    ) async throws -> Value {
        let clock = ContinuousClock()
        let end = clock.now + Self.deadline
        var last: ControlPlaneStack.Answer?
        while clock.now < end {
            // ModelServing may be on its way up again.
            if let answer = try? await stack.send(.get, path, of: .serving) {
                if let value = value(answer) { return value }
                last = answer
            }
            try await clock.sleep(for: .milliseconds(50))
        }
        throw Timeout(path: path, last: last.map { JSONWriter.text($0.json) } ?? "no answer")
    }

    struct Timeout: Error {
        let path: String
        let last: String
    }

    // MARK: What is held

    /// Instances of which something runs.
    var engines: Set<String> {
        let own = Set((try? FileManager.default.contentsOfDirectory(atPath: "\(stack.folder)/instances")) ?? [])
        return own.intersection(ProcessTable.processes(withVariable: Self.marker).map(\.value))
    }

    /// How many engines run; more than instances if one has two.
    var engineProcesses: Int {
        let own = engines
        let processes = ProcessTable.processes(withVariable: Self.marker).filter { own.contains($0.value) }
        return processes.count { ProcessTable.leadsItsSession($0.process) }
    }

    func endEngines() async {
        for instance in engines {
            _ = await ProcessFamily(leader: nil, marker: (Self.marker, instance)).end(grace: .zero)
        }
    }

    func killEngines() {
        for instance in engines { ProcessFamily(leader: nil, marker: (Self.marker, instance)).send(SIGKILL) }
    }

    /// Capacity that is not free, over all pools.
    func heldCapacity() async throws -> Int64 {
        let answer = try await stack.read("/resource_pools", of: .resources)
        let pools = try #require(answer.json["resource_pools"]?.arrayValue, "\(answer.status)")
        return pools.reduce(0) { sum, pool in
            sum + (pool["total_capacity"]?.integerValue ?? 0) - (pool["available_capacity"]?.integerValue ?? 0)
        }
    }

    func expectNothingHeld(_ comment: Comment) async throws {
        #expect(engines.isEmpty, comment)
        #expect(try await heldCapacity() == 0, comment)
    }

    struct Inconsistent: Error, CustomStringConvertible {
        let description: String
    }

    /// Every service's own check of its state finds nothing.
    func expectConsistency() async throws {
        for member in [ControlPlaneStack.Member.models, .resources, .serving] {
            let answer = try await stack.read("/consistency", of: member)
            guard answer.status == 200, answer.json["findings"]?.arrayValue == [] else {
                throw Inconsistent(description: "\(member.rawValue): \(answer.status) \(JSONWriter.text(answer.json))")
            }
        }
    }

    func restart(_ member: ControlPlaneStack.Member) async throws {
        _ = try await stack.end(member, by: SIGKILL)
        try stack.start(member)
    }
}
