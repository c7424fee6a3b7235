import EventLoop
import HTTPServer
import Lifecycle
import Observability

/// An HTTP server as long as the process lives.
struct HTTPServerTask: BackgroundTask {
    /// How long requests in flight may take to finish when the process ends.
    static let drainDeadline = Duration.seconds(20)

    let name = "http"
    private let server: HTTPServer
    private let host: String
    private let port: UInt16
    private let logger: Logger
    private let end: AsyncStream<Never>
    private let endContinuation: AsyncStream<Never>.Continuation

    init(_ server: HTTPServer, host: String, port: UInt16, logger: Logger) {
        self.server = server
        self.host = host
        self.port = port
        self.logger = logger
        (end, endContinuation) = AsyncStream.makeStream()
    }

    func run() async throws {
        let address = try await server.start(host: host, port: port)
        logger.info("listening", ["host": address.host, "port": "\(address.port)"])
        for await _ in end {}
    }

    func shutDown() async {
        await server.drain(deadline: Self.drainDeadline)
        endContinuation.finish()
    }
}
