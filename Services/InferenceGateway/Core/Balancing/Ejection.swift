/// Whether an instance that fails is to be left alone for a while. Pure.
///
/// Left alone it is not asked until the time is over; then one request tries it. That one brings it back, or leaves it
/// alone for twice as long.
struct Ejection: Hashable, Sendable {
    enum Failure: Hashable, Sendable {
        /// Nobody accepts connections, or a request has waited for its answer as long as one may: the next will not
        /// fare better.
        case unreachable
        /// An answer of 5xx, or a connection that broke before the answer: may be the request's own fault.
        case failed
        /// An answer that had begun broke off: may be the request's own fault too.
        case brokeOff
    }

    /// Failures in a row, of either kind that may be the request's own fault.
    static let tolerance = 5
    static let firstPause: Duration = .seconds(1)
    static let longestPause: Duration = .seconds(30)
    /// How long the one request that tries has the instance for itself.
    static let trial: Duration = .seconds(1)

    private(set) var failures = 0
    /// Answers in a row that broke off. One that begins says nothing against these, only one that comes to its end.
    private(set) var breaks = 0
    /// The last one, as long as the next would follow it.
    private var pause: Duration?
    private(set) var until: ContinuousClock.Instant?

    var isClear: Bool { failures == 0 && breaks == 0 && until == nil }

    func isOver(at now: ContinuousClock.Instant) -> Bool { until.map { $0 <= now } ?? true }

    /// - Returns: whether that ejects it.
    mutating func record(_ failure: Failure, at now: ContinuousClock.Instant) -> Bool {
        // Of several requests that were under way together, the first ejects.
        if let until, now < until, pause != nil, !isTrying { return false }
        if failure == .brokeOff { breaks += 1 } else { failures += 1 }
        guard failure == .unreachable || max(failures, breaks) >= Self.tolerance || isTrying else { return false }
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

    /// The instance answers, so that it is asked again. Whether it can bring an answer to its end is still to be seen.
    mutating func answerBegan() {
        failures = 0
        until = nil
        isTrying = false
        if breaks == 0 { pause = nil }
    }

    /// Of an instance that is left alone, the answers of old requests say nothing of new ones.
    mutating func answerEnded() {
        breaks = 0
        if until == nil { pause = nil }
    }

    private var isTrying = false
}
