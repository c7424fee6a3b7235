import ModelServingCore

/// Makes up its mind about an engine from one health check after the other. Pure.
struct EngineHealth: Hashable, Sendable {
    enum Verdict: Hashable, Sendable {
        case starting
        case ready
        case unready(Failure)
        /// It will not do any more.
        case failed(Failure)
    }

    /// Failures in a row at which a ready engine is taken out of the routes: one may be chance.
    static let failuresUntilUnready = 2
    /// A starting engine is asked often at first, so that a fast one is not waited for.
    static let firstPause: Duration = .milliseconds(50)
    static let longestStartPause: Duration = .seconds(1)

    private let check: HealthCheck
    private var wasReady: Bool
    private var failures = 0
    private var checks = 0

    init(_ check: HealthCheck, wasReady: Bool) {
        self.check = check
        self.wasReady = wasReady
    }

    private var retries: String {
        check.startTime == nil ? " (\(check.maxRetries) retries, \(check.interval) apart)" : ""
    }

    /// How long to wait before the next check.
    var pause: Duration {
        guard !wasReady else { return check.interval }
        let pause = Self.firstPause * (1 << min(checks, 8))
        return min(pause, check.interval, Self.longestStartPause)
    }

    mutating func succeed() -> Verdict {
        wasReady = true
        failures = 0
        return .ready
    }

    /// - Parameters:
    ///   - problem: what was wrong with the answer, as the end of a sentence.
    ///   - age: since the engine was started, or found.
    mutating func fail(_ problem: String, age: Duration) -> Verdict {
        checks += 1
        failures += 1
        guard wasReady else {
            guard age >= check.startBudget else { return .starting }
            return .failed(
                Failure(
                    .neverHealthy,
                    "the engine did not become healthy within \(check.startBudget)\(retries): \(problem)"))
        }
        guard failures <= check.maxRetries else {
            return .failed(
                Failure(.unhealthy, "the engine failed \(failures) health checks in a row: \(problem)"))
        }
        guard failures >= min(Self.failuresUntilUnready, check.maxRetries + 1) else { return .ready }
        return .unready(Failure(.unhealthy, "\(failures) health checks in a row failed: \(problem)"))
    }
}
