import EventLoop
import Foundation
import HTTP
import HTTPClient
import JSON
import Subprocess
import Synchronization
import TestSupport
import Testing

/// Services of the control plane behind one local sidecar, as processes that a test may kill.
final class ControlPlaneStack: Sendable {
    enum Member: String, CaseIterable, Sendable {
        case sidecar = "LocalSidecar"
        case models = "ModelManagement"
        case resources = "ResourceManagement"
        case serving = "ModelServing"
        /// Another ModelServing beside the same sidecar, on the same machine.
        case secondServing = "ModelServing-2"
        case gateway = "InferenceGateway"
        /// Another gateway beside it, with a data directory of its own.
        case secondGateway = "InferenceGateway-2"

        /// Those that hold what others refer to.
        static let registries: [Member] = [.sidecar, .models, .resources]

        fileprivate var appID: String? {
            switch self {
            case .sidecar: nil
            case .models: "model-management"
            case .resources: "resource-management"
            case .serving: "model-serving"
            case .secondServing, .gateway, .secondGateway: nil
            }
        }

        fileprivate var program: String { rawValue.replacing("-2", with: "") }
    }

    struct Answer: Sendable {
        let status: Int
        let fields: HTTPFields
        let json: JSONValue
    }

    static let appToken = "app-token-of-these-tests"
    static let adminKey = "admin-key-of-the-integration-tests"
    static let startDeadline: Duration = .seconds(60)
    static let endDeadline: Duration = .seconds(60)
    static let leaseSeconds = 3
    private static let marker = "SLIPWAY_INTEGRATION_TEST"

    let folder: String
    /// Where ModelServing looks for armed failpoints.
    let failpoints: Failpoints
    /// Where the components are that the sidecar reads.
    private let components: String
    /// `APP_API_TOKEN` of all processes; nil if they have none.
    private let appToken: String?
    /// Of every process, besides those that the stack needs.
    private let settings: [String: String]
    private let ports: [Member: UInt16]
    private let sidecarPorts: [Member: UInt16]
    /// Where gateways tell about themselves.
    private let adminPorts: [Member: UInt16]
    private let loops = EventLoopGroup(count: 1)
    private let client: KeepAliveClient

    /// - Parameter database: keeps the state in this server rather than in a file.
    init(
        database: OwnPostgreSQL? = nil, appToken: String? = ControlPlaneStack.appToken,
        settings: [String: String] = [:]
    ) throws {
        self.appToken = appToken
        self.settings = settings
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("stack-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        self.folder = folder
        components =
            try database.map { try Self.component($0, in: folder) } ?? "\(DevelopmentStack.repository)/components/local"
        failpoints = try Failpoints(folder: "\(folder)/failpoints")
        client = KeepAliveClient(group: loops)
        let free = try #require(Self.freePorts(11))
        ports = [
            .models: free[0], .resources: free[1], .serving: free[2], .secondServing: free[6], .gateway: free[7],
            .secondGateway: free[8],
        ]
        adminPorts = [.gateway: free[9], .secondGateway: free[10]]
        sidecarPorts = [.models: free[3], .resources: free[4], .serving: free[5], .secondServing: free[5]]
    }

    /// Runs `body` with the members up, and leaves nothing behind.
    static func run(
        _ members: [Member] = Member.registries, database: OwnPostgreSQL? = nil,
        appToken: String? = ControlPlaneStack.appToken, settings: [String: String] = [:],
        _ body: (ControlPlaneStack) async throws -> Void
    ) async throws {
        let stack = try ControlPlaneStack(database: database, appToken: appToken, settings: settings)
        let family = ProcessFamily(leader: nil, marker: (marker, stack.folder))
        do {
            for member in members { try stack.start(member) }
            for member in members where member != .sidecar { try await stack.untilReady(member) }
            try await body(stack)
        } catch {
            await stack.clear(family)
            throw error
        }
        await stack.clear(family)
    }

    private static func component(_ database: OwnPostgreSQL, in folder: String) throws -> String {
        let components = "\(folder)/components"
        try FileManager.default.createDirectory(atPath: components, withIntermediateDirectories: true)
        let table = "t\(UInt32.random(in: 0...UInt32.max))_"
        for (name, prefix) in [("statestore", "appid"), ("accessstore", "name")] {
            let text = """
                apiVersion: dapr.io/v1alpha1
                kind: Component
                metadata: {name: \(name)}
                spec:
                  type: state.postgresql
                  version: v2
                  metadata:
                  - {name: connectionString, value: "\(database.connectionString)"}
                  - {name: tablePrefix, value: "\(table)"}
                  - {name: keyPrefix, value: \(prefix)}
                  - {name: timeout, value: 5s}
                """
            try text.write(toFile: "\(components)/\(name).yaml", atomically: false, encoding: .utf8)
        }
        return components
    }

    private func clear(_ family: ProcessFamily) async {
        #expect(await family.end(grace: .seconds(10)))
        try? FileManager.default.removeItem(atPath: folder)
        await loops.shutdown()
        giveBackPorts()
    }

    // MARK: Processes

    func start(_ member: Member) throws {
        _ = try request(member).spawn()
    }

    /// Runs a server that is expected to refuse to start, and returns how it ended and what it said.
    func end(
        of member: Member, environment changes: [String: String?]
    ) async throws -> (status: ProcessExit.Status?, log: String) {
        var request = request(member)
        for (name, value) in changes { request.environment[name] = value }
        request.outputFile = "\(folder)/refused"
        let status = await end(of: try request.spawn())
        return (
            status, String(decoding: FileManager.default.contents(atPath: request.outputFile) ?? Data(), as: UTF8.self)
        )
    }

    /// Sends the signal and waits for the end.
    func end(_ member: Member, by signal: Int32) async throws -> ProcessExit.Status? {
        let process = try #require(running(member), "\(member) does not run")
        kill(process.pid, signal)
        return await end(of: process)
    }

    func send(_ signal: Int32, to member: Member) throws {
        let process = try #require(running(member), "\(member) does not run")
        kill(process.pid, signal)
    }

    private func end(of process: ProcessIdentity) async -> ProcessExit.Status? {
        await withTaskGroup(of: ProcessExit.Status?.self) { group in
            group.addTask { try? await ProcessExit.wait(for: process) }
            group.addTask {
                try? await Task.sleep(for: Self.endDeadline)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next().flatMap(\.self)
        }
    }

    private func running(_ member: Member) -> ProcessIdentity? {
        ProcessTable.processes(withVariable: Self.marker).first { process, value in
            value == folder && ProcessTable.variable("SLIPWAY_INTEGRATION_MEMBER", of: process.pid) == member.rawValue
        }?.process
    }

    private func request(_ member: Member) -> SpawnRequest {
        var arguments = ["\(DevelopmentStack.programs)/\(member.program)"]
        var environment = [
            "SLIPWAY_DATA_DIR": folder, "SLIPWAY_FAILPOINTS": failpoints.folder,
            "SLIPWAY_SWEEP_SECONDS": "1", "SLIPWAY_ADMIN_KEY": Self.adminKey,
            "SLIPWAY_LOG_FORMAT": "json", "SLIPWAY_REPLICA_ID": member.rawValue,
            "SLIPWAY_LEASE_SECONDS": "\(Self.leaseSeconds)",
            Self.marker: folder, "SLIPWAY_INTEGRATION_MEMBER": member.rawValue,
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "",
        ]
        environment["APP_API_TOKEN"] = appToken
        environment.merge(settings) { $1 }
        switch member {
        case .sidecar:
            arguments += ["--resources-path", components]
            for member in Member.allCases {
                guard let app = member.appID else { continue }
                arguments += ["--app", "\(app)=127.0.0.1:\(port(ports, member))@\(port(sidecarPorts, member))"]
            }
        case .models, .resources, .serving, .secondServing:
            environment["SLIPWAY_PORT"] = String(port(ports, member))
            environment["DAPR_HTTP_PORT"] = String(port(sidecarPorts, member))
        case .gateway, .secondGateway:
            environment["SLIPWAY_PORT"] = String(port(ports, member))
            environment["SLIPWAY_ADMIN_PORT"] = String(port(adminPorts, member))
            environment["SLIPWAY_DATA_DIR"] = "\(folder)/\(member.rawValue)"
            environment["SLIPWAY_MODEL_SERVING_URL"] = "http://127.0.0.1:\(port(ports, .serving))"
            environment["SLIPWAY_LOOPS"] = "1"
        }
        return SpawnRequest(
            arguments: arguments, environment: environment, workingDirectory: folder,
            outputFile: "\(folder)/\(member.rawValue).log")
    }

    // MARK: Requests

    @discardableResult
    func send(
        _ method: HTTPMethod, _ target: String, of member: Member, _ body: JSONValue? = nil, fields: HTTPFields = [:],
        by key: String = adminKey
    ) async throws -> Answer {
        var request = HTTPRequest(method, target, fields: fields)
        request.fields.append("Authorization", "Bearer \(key)")
        if let body {
            request.fields.append("Content-Type", "application/json")
            request.body = .bytes(JSONWriter.bytes(body))
        }
        return try await exchange(request, port(ports, member))
    }

    /// What the service of `member` gets that calls another through its sidecar, with nothing but these fields.
    func invoke(
        _ appID: String, _ target: String, from member: Member, fields: HTTPFields = [:]
    ) async throws -> Answer {
        let request = HTTPRequest(.get, "/v1.0/invoke/\(appID)/method\(target)", fields: fields)
        return try await exchange(request, port(sidecarPorts, member))
    }

    private func exchange(_ request: HTTPRequest, _ port: UInt16) async throws -> Answer {
        let origin = HTTPOrigin(host: "127.0.0.1", port: port)
        let response = try await client.send(request, to: origin, deadlines: HTTPDeadlines())
        let bytes = try await response.body.collect(limitBytes: 16 << 20)
        return Answer(
            status: response.status.code, fields: response.fields, json: (try? JSONParser.parse(bytes)) ?? .null)
    }

    /// A body that is not JSON.
    func page(_ target: String, of member: Member) async throws -> String {
        let request = HTTPRequest(.get, target, fields: ["Authorization": "Bearer \(Self.adminKey)"])
        let origin = HTTPOrigin(host: "127.0.0.1", port: port(ports, member))
        let response = try await client.send(request, to: origin, deadlines: HTTPDeadlines())
        return String(decoding: try await response.body.collect(limitBytes: 1 << 20), as: UTF8.self)
    }

    /// The body of what is at a URL without a path.
    func text(at url: String) async throws -> String {
        let origin = try #require(HTTPOrigin(url), "\(url)")
        let response = try await client.send(HTTPRequest(.get, "/"), to: origin, deadlines: HTTPDeadlines())
        return String(decoding: try await response.body.collect(limitBytes: 1 << 20), as: UTF8.self)
    }

    /// The value of a metric without labels; nil while the member does not answer.
    func metric(_ name: String, of member: Member) async -> Double? {
        let origin = HTTPOrigin(host: "127.0.0.1", port: operationsPort(of: member))
        var request = HTTPRequest(.get, "/metrics")
        request.fields.append("Authorization", "Bearer \(Self.adminKey)")
        guard let response = try? await client.send(request, to: origin, deadlines: HTTPDeadlines()),
            let bytes = try? await response.body.collect(limitBytes: 1 << 20)
        else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("\(name) ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    /// Reads as a client does that was told to come back: readiness may be told from a moment ago.
    func read(_ target: String, of member: Member) async throws -> Answer {
        let clock = ContinuousClock()
        let end = clock.now + Self.startDeadline
        while clock.now < end {
            // It may be on its way up.
            if let answer = try? await send(.get, target, of: member), answer.status != 503 { return answer }
            try await clock.sleep(for: .milliseconds(50))
        }
        return try await send(.get, target, of: member)
    }

    /// Returns when the member can do its work.
    func untilReady(_ member: Member) async throws {
        let clock = ContinuousClock()
        let end = clock.now + Self.startDeadline
        while clock.now < end {
            let origin = HTTPOrigin(host: "127.0.0.1", port: operationsPort(of: member))
            let answer = try? await client.send(HTTPRequest(.get, "/readyz"), to: origin, deadlines: HTTPDeadlines())
            if answer?.status == .ok, (try? await answer?.body.collect(limitBytes: 1 << 16)) != nil { return }
            try await clock.sleep(for: .milliseconds(50))
        }
        Issue.record("\(member) is not ready: \(log(of: member))")
    }

    /// The end of what the member has said.
    func log(of member: Member) -> String {
        let log = FileManager.default.contents(atPath: "\(folder)/\(member.rawValue).log") ?? Data()
        return String(decoding: log.suffix(8192), as: UTF8.self)
    }

    // MARK: Ports

    func port(of member: Member) -> UInt16 { port(ports, member) }

    /// Health and metrics.
    private func operationsPort(of member: Member) -> UInt16 { adminPorts[member] ?? port(ports, member) }

    private func port(_ table: [Member: UInt16], _ member: Member) -> UInt16 { table[member] ?? 0 }

    /// Given to stacks of this process, which may not have taken them yet.
    private static let givenPorts = Mutex<Set<UInt16>>([])

    private static func freePorts(_ count: Int) -> [UInt16]? {
        givenPorts.withLock { given in
            var ports: Set<UInt16> = []
            for _ in 0..<1000 where ports.count < count {
                let port = UInt16.random(in: 26_000..<27_000)
                if !given.contains(port), !LocalPort.isInUse(port) { ports.insert(port) }
            }
            guard ports.count == count else { return nil }
            given.formUnion(ports)
            return ports.sorted()
        }
    }

    private func giveBackPorts() {
        let own = Set([ports, sidecarPorts, adminPorts].flatMap(\.values))
        Self.givenPorts.withLock { $0.subtract(own) }
    }
}
