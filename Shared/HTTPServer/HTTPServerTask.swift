import EventLoop
import Lifecycle
import Observability

/// A server as a task of its process: listens, and drains when it is told to end.
public struct HTTPServerTask: BackgroundTask {
    /// How long requests in flight may take to finish when the process ends; streams that take longer are cut off.
    public static let drainDeadline: Duration = .seconds(20)

    public let name: String
    private let server: HTTPServer
    private let hosts: [String]
    private let port: UInt16
    private let drainDeadline: Duration
    private let idleGrace: Duration
    private let logger: Logger
    private let ended: AsyncStream<Never>
    private let end: AsyncStream<Never>.Continuation

    /// - Parameters:
    ///   - hosts: addresses to listen on, all at one port.
    ///   - port: 0 takes any that is free on the first address; the log line `listening` tells which.
    ///   - idleGrace: how long idle connections are still served when the process ends.
    public init(
        _ name: String, _ server: HTTPServer, hosts: [String], port: UInt16,
        drainDeadline: Duration = Self.drainDeadline, idleGrace: Duration = .zero, logger: Logger
    ) {
        self.name = name
        self.server = server
        self.hosts = hosts
        self.port = port
        self.drainDeadline = drainDeadline
        self.idleGrace = idleGrace
        self.logger = logger
        (ended, end) = AsyncStream.makeStream()
    }

    public func run() async throws {
        var port = port
        for host in hosts {
            let address = try await server.start(host: host, port: port)
            // What was free on the first address is wanted on the others too.
            port = address.port
            logger.info("listening", ["listener": name, "host": address.host, "port": "\(address.port)"])
        }
        for await _ in ended {}
    }

    public func shutDown() async {
        await server.drain(deadline: drainDeadline, idleGrace: idleGrace)
        end.finish()
    }
}
