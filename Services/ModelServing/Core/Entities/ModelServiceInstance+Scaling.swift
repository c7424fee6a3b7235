import Domain

/// Another number of replicas inside an instance that is there: capacity first on the way up, and last on the way down.
extension ModelServiceInstance {
    /// So many replicas a runtime is told to have: as many as are wanted and have capacity.
    func replicasToDeploy(of wanted: Int) -> Int { min(wanted, claimedReplicas ?? wanted) }

    /// The next thing to do on the way to `wanted` replicas; nil if there is nothing, or nothing yet.
    ///
    /// - Parameter seen: what the runtime tells; of that and not of what it was told follows what to do, because
    ///   nobody can say what a call did that failed.
    func scaling(to wanted: Int, needsClaim: Bool, seen: ReplicaCount?) -> Effect? {
        if needsClaim, claimedReplicas ?? wanted < wanted { return .claim }
        guard let seen else { return nil }
        if seen.wanted != wanted { return .scale }
        // Those that go still use what they hold.
        return needsClaim && claimedReplicas ?? wanted > wanted && seen.present <= wanted ? .releaseSurplus : nil
    }

    /// Nothing is left of a change to `wanted` replicas.
    func isScaled(to wanted: Int) -> Bool {
        claimedReplicas ?? wanted == wanted && replicas?.wanted ?? wanted == wanted && !isWaitingToScale
    }

    /// A change of its replicas failed, and is tried again.
    var isWaitingToScale: Bool { phase.mayBeScaled && nextRetryAt != nil }

    /// It goes on as it is; the change is tried again after a pause.
    mutating func failToScale(_ failure: Failure, at now: Timestamp, policy: ReconciliationPolicy, random: UInt64) {
        self.failure = failure
        attempts += 1
        nextRetryAt = now + policy.pause(after: attempts, random: random)
        updatedAt = now
    }

    /// Whatever went wrong with that is past.
    mutating func endScaling(at now: Timestamp) {
        failure = nil
        attempts = 0
        nextRetryAt = nil
        updatedAt = now
    }
}

extension InstancePhase {
    /// It was deployed, and may be told another number of replicas.
    var mayBeScaled: Bool {
        switch self {
        case .starting, .running, .unhealthy: true
        case .pending, .resolving, .claiming, .deploying, .restarting, .stopping, .releasing, .stopped, .error: false
        }
    }
}
