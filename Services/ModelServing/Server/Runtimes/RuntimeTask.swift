import Lifecycle

/// The work of a runtime between the calls of the reconciliation, and after it has ended. What runs is left running.
struct RuntimeTask: BackgroundTask {
    let name: String
    private let work: @Sendable () async -> Void
    private let end: @Sendable () async -> Void

    init(
        _ name: String, run: @escaping @Sendable () async -> Void, shutDown: @escaping @Sendable () async -> Void
    ) {
        self.name = name
        work = run
        end = shutDown
    }

    func run() async { await work() }

    func shutDown() async { await end() }
}
