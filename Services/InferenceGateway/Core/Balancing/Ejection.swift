/// Whether an instance that fails is to be left alone for a while. Pure.
///
/// Left alone it is not asked until the time is over; then one request tries it. That one brings it back, or leaves it
/// alone for twice as long.
struct Ejection: Hashable, Sendable {
    enum Failure: Hashable, Sendable {
        /// Nobody accepts connections: the next request will not fare better.
        case unreachable
        /// An answer of 5xx, a connection that broke, no answer in time: may be the request's own fault.
        case failed
    }

    /// Failures in a row, of the kind that may be the request's own fault.
    static let tolerance = 5
    static let firstPause: Duration = .seconds(1)
    static let longestPause: Duration = .seconds(30)
    /// How long the one request that tries has the instance for itself.
    static let trial: Duration = .seconds(1)

    private(set) var failures = 0
    private var pause: Duration?
    private(set) var until: ContinuousClock.Instant?

    var isClear: Bool { failures == 0 && until == nil }

    func isOver(at now: ContinuousClock.Instant) -> Bool { until.map { $0 <= now } ?? true }

    /// - Returns: whether that ejects it.
    mutating func record(_ failure: Failure, at now: ContinuousClock.Instant) -> Bool {
        // Of several requests that were under way together, the first ejects.
        if let until, now < until, pause != nil, !isTrying { return false }
        failures += 1
        guard failure == .unreachable || failures >= Self.tolerance || isTrying else { return false }
        let next = pause.map { min($0 * 2, Self.longestPause) } ?? Self.firstPause
        pause = next
        until = now + next
        isTrying = false
        return true
    }

    /// The pause is over, and one request tries the instance.
    mutating func beginTrial(at now: ContinuousClock.Instant) {
        isTrying = true
        until = now + Self.trial
    }

    mutating func clear() { self = Self() }

    private var isTrying = false
}
