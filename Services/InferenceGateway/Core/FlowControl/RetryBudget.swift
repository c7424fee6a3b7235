import Synchronization

/// How many requests of a service may be repeated, so that repetitions cannot bring down what is left of it: a part of
/// those that were answered in the same time, and some more so that a service with few requests is not left without.
public final class RetryBudget: Sendable {
    static let window: Duration = .seconds(10)
    static let perWindow: UInt64 = 100
    /// One repetition for so many requests.
    static let requestsPerRepetition: UInt64 = 5

    private struct Window {
        var began: ContinuousClock.Instant
        var answered: UInt64
        var repeated: UInt64
    }

    private let current = Mutex<Window?>(nil)

    /// - Parameter answered: requests that the service's instances have answered so far.
    /// - Returns: whether one more may be repeated, which then counts.
    func take(answered: UInt64, at now: ContinuousClock.Instant) -> Bool {
        current.withLock { window in
            if window.map({ now - $0.began >= Self.window }) ?? true {
                window = Window(began: now, answered: answered, repeated: 0)
            }
            guard let since = window else { return false }
            let answers = answered > since.answered ? answered - since.answered : 0
            guard since.repeated < Self.perWindow + answers / Self.requestsPerRepetition else { return false }
            window?.repeated += 1
            return true
        }
    }
}
