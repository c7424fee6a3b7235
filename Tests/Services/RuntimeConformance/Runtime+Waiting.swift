import Domain
import ModelServingCore
import Testing

/// How long anything may take that a test waits for: much longer than it ever does.
private let patience: Duration = .seconds(60)
/// Between two looks.
private let pause: Duration = .milliseconds(5)

/// Waits for what becomes of an instance.
extension Runtime {
    package func untilReady(_ deployment: Deployment, _ handle: RuntimeHandle) async throws -> Observation {
        try await until(deployment, handle) { seen in
            if case .failed(let failure) = seen.state { throw failure }
            return seen.state == .ready
        }
    }

    package func untilFailed(_ deployment: Deployment, _ handle: RuntimeHandle) async throws -> Failure {
        let end = try await until(deployment, handle) { seen in
            switch seen.state {
            case .failed, .absent: true
            case .preparing, .starting, .ready, .unready: false
            }
        }
        if case .failed(let failure) = end.state { return failure }
        return Failure(.vanished, "absent")
    }

    /// Looks until something is seen, each time with the handle of the look before.
    /// - Parameter mayBeAway: whether what the instance runs on may not answer for a while.
    package func until(
        _ deployment: Deployment, _ handle: RuntimeHandle, mayBeAway: Bool = false,
        _ isThere: (Observation) throws -> Bool
    ) async throws -> Observation {
        var handle = handle
        var last: Observation?
        return try await patiently(mayBeAway: mayBeAway) {
            let seen = try await observe(deployment, handle)
            (handle, last) = (seen.handle, seen)
            return try isThere(seen) ? seen : nil
        } last: {
            last.map { "\($0)" } ?? "nothing"
        }
    }

    /// Looks until nothing is to be seen, and tells why.
    package func untilAway(_ deployment: Deployment, _ handle: RuntimeHandle) async throws -> Failure {
        try await patiently {
            do throws(Failure) { _ = try await observe(deployment, handle) } catch { return error }
            return nil
        }
    }

    /// Looks until exactly these are listed, each once: a list may trail what was just seen of an instance.
    package func untilDeployed(_ instances: Set<ModelServiceInstanceID>) async throws {
        var last: [ModelServiceInstanceID] = []
        try await patiently {
            last = await deployed().map(\.instanceID)
            return last.count == instances.count && Set(last) == instances ? () : nil
        } last: {
            "\(last)"
        }
    }

    package func untilGone(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, mayBeAway: Bool = false
    ) async throws {
        try await patiently(mayBeAway: mayBeAway) { try await remove(instance, handle) == .gone ? () : nil }
    }
}

/// Asks until there is an answer.
/// - Parameters:
///   - mayBeAway: whether what is asked may be unreachable for a while.
///   - last: what was seen last, for those who wonder why there is none.
package func patiently<Answer>(
    mayBeAway: Bool = false, _ ask: () async throws -> Answer?, last: () -> String = { "" }
) async throws -> Answer {
    let clock = ContinuousClock()
    let end = clock.now + patience
    while true {
        do {
            if let answer = try await ask() { return answer }
        } catch let failure as Failure where mayBeAway && isAbsence(failure.reason) {}
        try #require(clock.now < end, "nothing within \(patience): \(last())")
        try await Task.sleep(for: pause)
    }
}

/// An API server that has just been started knows of no roles for a moment, and forbids everything.
private func isAbsence(_ reason: FailureReason) -> Bool {
    reason == .runtimeUnreachable || reason == .permissionDenied
}
