/// A clock on which nothing ever takes too long: time stands still, and who sleeps does so until the task is
/// cancelled. Only a pause of nothing ends.
package struct StillClock: Clock {
    package let now = ContinuousClock.now
    package let minimumResolution: Swift.Duration = .zero

    package init() {}

    package func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        guard deadline > now else { return }
        try await Task.sleep(for: .seconds(24 * 3600))
    }
}

/// A clock on which every wait is over at once.
package struct HastyClock: Clock {
    package let now = ContinuousClock.now
    package let minimumResolution: Swift.Duration = .zero

    package init() {}

    package func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
    }
}
