/// Work that is done again and again, for as long as the process lives.
///
/// `shutDown()` cancels what is under way: such work must be safe to break off anywhere.
public struct PeriodicTask: BackgroundTask {
    public let name: String
    private let interval: Duration
    private let startsAtOnce: Bool
    private let clock: any Clock<Duration>
    private let work: @Sendable () async -> Void
    /// Ends when the process does.
    private let lifetime: AsyncStream<Never>
    private let end: AsyncStream<Never>.Continuation

    /// - Parameters:
    ///   - name: for logs.
    ///   - interval: between the end of the work and its next beginning.
    ///   - startsAtOnce: else the first time comes one interval after the start.
    public init(
        _ name: String, every interval: Duration, startsAtOnce: Bool = false,
        clock: any Clock<Duration> = ContinuousClock(), _ work: @escaping @Sendable () async -> Void
    ) {
        self.name = name
        self.interval = interval
        self.startsAtOnce = startsAtOnce
        self.clock = clock
        self.work = work
        (lifetime, end) = AsyncStream.makeStream()
    }

    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                if startsAtOnce { await work() }
                while (try? await clock.sleep(for: interval)) != nil { await work() }
            }
            group.addTask { for await _ in lifetime {} }
            await group.next()
            group.cancelAll()
        }
    }

    public func shutDown() { end.finish() }
}
