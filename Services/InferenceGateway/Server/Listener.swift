import EventLoop
import HTTPServer
import Lifecycle
import Observability

/// One HTTP server as a task of the process: listens, and drains when it is told to end.
struct Listener: BackgroundTask {
    /// For requests in flight when the process is told to end; streams that take longer are cut off.
    static let drainDeadline: Duration = .seconds(20)

    let name: String
    private let server: HTTPServer
    private let host: String
    private let port: UInt16
    private let logger: Logger
    private let ended: AsyncStream<Never>
    private let end: AsyncStream<Never>.Continuation

    init(_ name: String, _ server: HTTPServer, host: String, port: UInt16, logger: Logger) {
        self.name = name
        self.server = server
        self.host = host
        self.port = port
        self.logger = logger
        (ended, end) = AsyncStream.makeStream()
    }

    func run() async throws {
        let address = try await server.start(host: host, port: port)
        logger.info("listening", ["listener": name, "host": address.host, "port": "\(address.port)"])
        for await _ in ended {}
    }

    func shutDown() async {
        await server.drain(deadline: Self.drainDeadline)
        end.finish()
    }
}
