/// Something that runs as long as the process: an HTTP server, the reconciler, the route poller.
public protocol BackgroundTask: Sendable {
    /// For logs.
    var name: String { get }

    /// Works until `shutDown()` is called; then finishes what it has begun and returns. Returning or throwing earlier
    /// ends the process. If the task is cancelled it must give up at once.
    func run() async throws

    /// Asks `run()` to return. Returns at once or when the work in hand is done. Idempotent.
    func shutDown() async
}
