import Domain

/// How often, and how far apart, a change is decided again after losing against another writer.
public struct ConflictRetries: Sendable {
    public static let maximumAttempts = 10
    /// The longest pause before the second attempt; it doubles with each one after that. Far shorter than a change
    /// takes: who has just lost against a replica that goes on writing would find it in the middle of its next change,
    /// and lose again, if it came back any later.
    public static let firstPause = Duration.milliseconds(1)
    public static let longestPause = Duration.milliseconds(100)

    public let clock: any Clock<Duration>
    /// From 0 up to but not including 1.
    public let randomFraction: @Sendable () -> Double

    public init(
        clock: any Clock<Duration> = ContinuousClock(),
        randomFraction: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.clock = clock
        self.randomFraction = randomFraction
    }

    /// Waits before attempt number `attempt` (from 2), somewhere between nothing and the longest pause for it, so
    /// that writers which collided do not collide again.
    func pause(before attempt: Int) async throws(ServiceError) {
        let ceiling = min(Self.firstPause * (1 << min(attempt - 2, 16)), Self.longestPause)
        do {
            try await clock.sleep(for: ceiling * randomFraction())
        } catch {
            throw .deadlineExceeded("The request was given up while it waited for another writer.")
        }
    }
}
