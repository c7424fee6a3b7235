import HTTP
import JSON
import Synchronization

/// Ray Serve's REST API in memory. What it tells of an application is what a real one told in that state, recorded,
/// under the application's own name; an application goes on to its next state at each reading.
final class FakeServe: HTTPResponder {
    struct Application: Sendable {
        var configuration: JSONValue?
        /// Names of recordings, and from the end of them on the last.
        var states: [String]
        var isImperative = false
        var isBeingDeleted: Bool { states.last == "gone" }
    }

    struct State: Sendable {
        var applications: [String: Application] = [:]
        var settings: JSONValue?
        var reads = 0
        var writes: [JSONValue] = []
        var starts: [String: Int] = [:]
        /// Answered to the next reading in place of the truth.
        var lies: [JSONValue] = []
        /// Done to the next writes when they arrive, and when they are done.
        var beforeWrites: [@Sendable (inout State) -> Void] = []
        var afterWrites: [@Sendable (inout State) -> Void] = []
        var refusal: (status: HTTPStatus, text: String)?
    }

    private let state = Mutex(State())

    func change<Result: Sendable>(_ body: @Sendable (inout State) throws -> Result) rethrows -> Result {
        try state.withLock { try body(&$0) }
    }

    var names: [String] { change { $0.applications.filter { !$0.value.isBeingDeleted }.keys.sorted() } }

    func configuration(_ name: String) -> JSONValue? { change { $0.applications[name]?.configuration } }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard request.target == "/api/serve/applications/" else { return HTTPResponse(.notFound) }
        do {
            switch request.method {
            case .get: return try json(change { try $0.read() })
            case .put:
                let body = try await request.body.collect(limitBytes: 1 << 20)
                let declaration = try JSONParser.parse(body)
                return change { state in
                    if let refusal = state.refusal { return HTTPResponse(refusal.status, body: HTTPBody(refusal.text)) }
                    if !state.beforeWrites.isEmpty { state.beforeWrites.removeFirst()(&state) }
                    state.declare(declaration)
                    if !state.afterWrites.isEmpty { state.afterWrites.removeFirst()(&state) }
                    return HTTPResponse(.ok)
                }
            default: return HTTPResponse(.methodNotAllowed)
            }
        } catch {
            return HTTPResponse(.internalServerError, body: HTTPBody("\(error)"))
        }
    }

    private func json(_ value: JSONValue) -> HTTPResponse {
        HTTPResponse(
            .ok, fields: ["Content-Type": "application/json"], body: .bytes(JSONWriter.bytes(value)))
    }
}

extension FakeServe.State {
    /// How code of that import path comes up.
    static func states(_ importPath: String) -> [String] {
        switch importPath {
        case "never:build": ["building", "created", "no_gpu"]
        case "broken:build": ["building", "starting", "constructor_retried", "constructor_failed"]
        default: ["building", "created", "starting", "running"]
        }
    }

    mutating func read() throws -> JSONValue {
        reads += 1
        if !lies.isEmpty { return lies.removeFirst() }
        guard let settings else { return try Recording.value("serve_not_started") }
        var members: [(String, JSONValue)] = []
        for (name, application) in applications.sorted(by: { $0.key < $1.key }) {
            guard let now = application.states.first, now != "gone" else {
                applications[name] = nil
                continue
            }
            members.append((name, try told(name, application, now)))
            if application.states.count > 1 { applications[name]?.states.removeFirst() }
        }
        var object = settings.objectValue ?? JSONObject()
        object["applications"] = .object(JSONObject(members))
        return .object(object)
    }

    private func told(_ name: String, _ application: FakeServe.Application, _ recording: String) throws -> JSONValue {
        var object = try Recording.value(recording).objectValue ?? JSONObject()
        object["name"] = .string(name)
        object["route_prefix"] = application.configuration?["route_prefix"] ?? .string("/\(name)")
        let isTold = recording != "deleting" && !application.isImperative
        object["deployed_app_config"] = isTold ? application.configuration ?? .null : .null
        object["source"] = application.isImperative ? "imperative" : "declarative"
        return .object(object)
    }

    mutating func declare(_ declaration: JSONValue) {
        writes.append(declaration)
        if settings == nil {
            var started = (try? Recording.value("serve"))?.objectValue ?? JSONObject()
            started["http_options"] = declaration["http_options"] ?? started["http_options"]
            settings = .object(started)
        }
        let declared = declaration["applications"]?.arrayValue ?? []
        for configuration in declared { declare(one: configuration) }
        let named = Set(declared.compactMap { $0["name"]?.stringValue })
        for (name, application) in applications where !named.contains(name) && !application.isImperative {
            applications[name]?.states = ["deleting", "deleting", "gone"]
        }
    }

    private mutating func declare(one configuration: JSONValue) {
        guard let name = configuration["name"]?.stringValue else { return }
        let former = applications[name]
        var states = Self.states(configuration["import_path"]?.stringValue ?? "")
        let isTwo = configuration["deployments"]?.arrayValue?.first?["num_replicas"] == 2
        if isTwo { states = states.map { $0 == "running" ? "running_two" : $0 } }
        if let former, !former.isBeingDeleted, former.states != ["building"] {
            if former.configuration == configuration {
                // All count as being deployed for a moment, and what is being built is built anew.
                applications[name]?.states =
                    former.states.first == "building" ? states : ["declared_again"] + former.states
                return
            }
            if former.states.first?.hasPrefix("running") == true {
                states = isTwo ? ["upscaling", "running_two"] : ["downscaling", "running"]
            }
        } else {
            starts[name, default: 0] += 1
        }
        applications[name] = FakeServe.Application(configuration: configuration, states: states)
    }
}
