/// How long to wait before a process that keeps ending is started again.
struct Backoff: Sendable {
    static let shortest: Duration = .milliseconds(500)
    static let longest: Duration = .seconds(30)
    /// A process that ran this long had started well: the next wait is the shortest again.
    static let goodRun: Duration = .seconds(30)

    private var next = shortest

    /// - Parameter ran: how long the process ran.
    mutating func delay(after ran: Duration) -> Duration {
        if ran >= Self.goodRun { next = Self.shortest }
        defer { next = min(next * 2, Self.longest) }
        return next
    }
}
