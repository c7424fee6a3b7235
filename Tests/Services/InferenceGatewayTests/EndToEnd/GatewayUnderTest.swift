import Contracts
import Cryptography
import Domain
import EventLoop
import Lifecycle
import Observability
import Synchronization
import TestSupport

@testable import InferenceGateway

/// A whole gateway over loopback, with the sockets of a test around it: engines that say what the test wants, and
/// callers that say anything.
///
/// Its routes come from disk: `open` (public) and `closed` (private, opened by `slp_test`), both at `engine`; `away`
/// (public) at a port where nobody listens, `secure` (public) at `secureEngine`.
final class GatewayUnderTest: Sendable {
    static let token = "slp_test"
    static let adminKey = "admin-key-for-these-tests"

    /// For the sockets of the test.
    let group = EventLoopGroup(count: 1)
    let engine: TestListener
    let directory: TemporaryDirectory
    let sink = RecordingLogSink()
    private let signals = TerminationSignals()
    private let running: Task<Int32, Never>
    private let callers = Mutex<[TestPeer]>([])

    /// - Parameters:
    ///   - modelServingPort: where routes are fetched; by default nobody is there.
    ///   - routes: false leaves what is in `directory`.
    init(
        modelServingPort: UInt16 = 1, directory: TemporaryDirectory = TemporaryDirectory(), routes: Bool = true,
        secureEngine: String = "https://127.0.0.1:1", authorities: String? = nil, loops: Int = 2
    ) throws {
        self.directory = directory
        engine = TestListener(on: group.next())
        if routes {
            let hash = SHA256.hash(Self.token).hex
            let url = "http://127.0.0.1:\(engine.port)"
            let routes: [RouteDocument] = [
                .sample("open", url: url, instance: 1), .sample("closed", url: url, sha256: hash, instance: 2),
                .sample("away", url: "http://127.0.0.1:1", instance: 3),
                .sample("secure", url: secureEngine, instance: 4),
            ]
            try RouteFiles(dataDirectory: directory.path).save(
                .init(.init(shard: 0, version: 1, routes: routes), fetchedAt: SystemClock.now()))
        }
        var environment = [
            "SLIPWAY_PORT": "0", "SLIPWAY_ADMIN_PORT": "0", "SLIPWAY_ADMIN_KEY": Self.adminKey,
            "SLIPWAY_MODEL_SERVING_URL": "http://127.0.0.1:\(modelServingPort)",
            "SLIPWAY_DATA_DIR": directory.path, "SLIPWAY_LOOPS": "\(loops)",
        ]
        environment["SLIPWAY_CA_FILE"] = authorities
        let settings = try GatewaySettings(environment: environment, arguments: [], cores: 2)
        let process = GatewayProcess(settings, sink: sink)
        running = Task { [signals] in await process.run(until: signals) }
    }

    /// The port that a listener got, when it has it.
    func port(_ listener: String = "data") async throws -> UInt16 {
        while true {
            for line in sink.lines where line.message == "listening" && line["listener"] == listener {
                if let port = line["port"].flatMap({ UInt16($0) }) { return port }
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func connect(_ listener: String = "data") async throws -> TestPeer {
        let caller = TestPeer.connect(to: .loopback(port: try await port(listener)), on: group.next())
        callers.withLock { $0.append(caller) }
        return caller
    }

    /// Sends a whole request on a connection of its own and reads until the gateway closes.
    func exchange(_ request: String) async throws -> String {
        let caller = try await connect()
        await caller.send(request)
        let answer = await caller.receiveAll()
        caller.hangUp()
        return answer
    }

    /// As SIGTERM does.
    /// - Returns: the exit status.
    @discardableResult
    func terminate() async -> Int32 {
        signals.trigger("SIGTERM")
        return await running.value
    }

    /// Its callers leave first: else it would wait a moment for them.
    func stop() async {
        for caller in callers.withLock({ $0 }) { caller.hangUp() }
        await terminate()
        await group.shutdown()
    }
}

extension LogLine {
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}
