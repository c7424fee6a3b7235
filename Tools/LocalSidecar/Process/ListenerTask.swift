import EventLoop
import HTTP
import HTTPServer
import Lifecycle
import Observability

/// A responder that is served at one port, on every address asked for.
final class ListenerTask: BackgroundTask {
    let name: String
    private let server: HTTPServer
    private let addresses: [String]
    private let port: UInt16
    private let gracePeriod: Duration
    private let logger: Logger
    private let (end, endContinuation) = AsyncStream<Never>.makeStream()

    /// - Parameter readBufferBytes: the responder refuses heads beyond it in daprd's words, so the server takes more.
    init(
        _ name: String, _ responder: any HTTPResponder, addresses: [String], port: UInt16, readBufferBytes: Int,
        gracePeriod: Duration, group: EventLoopGroup, logger: Logger
    ) {
        self.name = name
        self.addresses = addresses
        self.port = port
        self.gracePeriod = gracePeriod
        self.logger = logger
        var limits = HTTPServerLimits()
        limits.head.headBytes = 2 * (readBufferBytes + SidecarAPI.readBufferSlackBytes)
        limits.head.targetBytes = limits.head.headBytes
        server = HTTPServer(responder: responder, limits: limits, group: group)
    }

    func run() async throws {
        var port = port
        for host in addresses {
            let address = try await server.start(host: host, port: port)
            // A free port that was chosen for the first address is wanted on the others too.
            port = address.port
            logger.info("listening", ["listener": name, "host": address.host, "port": "\(address.port)"])
        }
        for await _ in end {}
    }

    func shutDown() async {
        await server.drain(deadline: gracePeriod)
        endContinuation.finish()
    }
}
