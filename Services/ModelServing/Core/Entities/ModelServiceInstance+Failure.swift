import Domain

extension ModelServiceInstance {
    /// Nobody wants it any longer: gives back what it holds, if it may hold anything.
    mutating func retire(drainUntil: Timestamp?, at now: Timestamp) {
        guard goal == .run else { return }
        goal = .stop
        failure = nil
        attempts = 0
        self.drainUntil = drainUntil
        enter(phase.phaseToEndIn(.stop), at: now)
    }

    /// Decides what a failure leads to: another try after a pause, or giving up.
    mutating func fail(_ failure: Failure, at now: Timestamp, policy: ReconciliationPolicy, random: UInt64) {
        updatedAt = now
        switch phase {
        case .pending, .stopped, .error: return
        case .stopping, .releasing:
            // What ends an instance never gives up, and does not hide why it ends.
            attempts += 1
            nextRetryAt = now + policy.pause(after: attempts, random: random)
            if goal == .stop { self.failure = failure }
            return
        case .restarting:
            nextRetryAt = now + policy.pause(after: max(1, attempts), random: random)
            return
        case .running, .unhealthy:
            if failure.reason.isHeldAgainstTheInstance { restarts += 1 }
            if let startTime, now - startTime >= policy.stableAfter { attempts = 0 }
            startTime = nil
        case .resolving, .claiming, .deploying, .starting: break
        }
        guard failure.reason.isHeldAgainstTheInstance else {
            url = nil
            enter(.restarting, at: now)
            return
        }
        self.failure = failure
        attempts += 1
        if failure.reason.retryLimit.isReached(by: attempts) {
            goal = .giveUp
            enter(phase.phaseToEndIn(.giveUp), at: now)
            return
        }
        if phase.mayBeDeployed {
            url = nil
            enter(.restarting, at: now)
        }
        // With a handle, what is left of the engine is removed first, and the pause begins after that.
        if handle == nil { nextRetryAt = now + policy.pause(after: attempts, random: random) }
    }
}

extension FailureReason.RetryLimit {
    func isReached(by attempts: Int) -> Bool {
        switch self {
        case .never: true
        case .failures(let limit): attempts >= limit
        case .none: false
        }
    }
}

extension InstancePhase {
    /// Where giving back begins for an instance in this phase.
    fileprivate func phaseToEndIn(_ goal: ModelServiceInstance.Goal) -> InstancePhase {
        if mayBeDeployed { return .stopping }
        if mayHoldClaim { return .releasing }
        return goal == .giveUp ? .error : .stopped
    }
}
