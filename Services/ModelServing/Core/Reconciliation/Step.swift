import Domain

/// What to do next for one instance.
public enum Step: Hashable, Sendable {
    /// Something outside has to be done; its outcome is written, then someone looks again.
    case perform(Effect)
    /// Only the record changes.
    case advance(Transition)
    /// Nothing to do before that time, unless something happens. Nil: nothing to do until something happens.
    case wait(until: Timestamp?)
}

/// A change to the world outside. Each is idempotent by instance id.
public enum Effect: String, Hashable, Sendable, CaseIterable {
    case resolve, claim, deploy, remove, release, scale
    /// Gives back what replicas held that are there no more.
    case releaseSurplus = "release_surplus"
}

/// A change of the record alone.
public enum Transition: Hashable, Sendable {
    case enter(InstancePhase)
    case fail(Failure)
    /// The handle, the address or the node is another than the record says.
    case correct
    /// A change of its replicas that failed is not wanted any more.
    case endScaling
}

/// Decides what to do next for one instance. Pure: the same arguments always give the same step.
///
/// - Parameters:
///   - isResolved: whether the instance's revision knows its model version.
///   - needsClaim: whether a replica asks for any capacity at all.
///   - replicas: how many the instance is to have inside.
///   - observation: what the runtime sees; nil if it has not been asked, or could not answer.
///   - isBusy: whether gateways have requests left at an instance that drains; nil if none tells.
public func nextStep(
    _ instance: ModelServiceInstance, isResolved: Bool, needsClaim: Bool, replicas: Int = 1,
    observation: Observation?, isBusy: Bool? = nil, now: Timestamp, policy: ReconciliationPolicy
) -> Step {
    let isThere = instance.phase.mayBeScaled && instance.handle != nil
    // Of one that is there, only the change of its replicas waits.
    if let retry = instance.nextRetryAt, retry > now, !isThere { return .wait(until: retry) }
    let step = nextStepAsItIs(
        instance, isResolved: isResolved, needsClaim: needsClaim, observation: observation, isBusy: isBusy, now: now,
        policy: policy)
    guard isThere, case .wait(let until) = step, instance.goal == .run else { return step }
    guard let effect = instance.scaling(to: replicas, needsClaim: needsClaim, seen: observation?.replicas) else {
        return instance.isWaitingToScale && observation != nil ? .advance(.endScaling) : step
    }
    guard let retry = instance.nextRetryAt, retry > now else { return .perform(effect) }
    return .wait(until: until.map { min($0, retry) } ?? retry)
}

/// With as many replicas inside as there are.
private func nextStepAsItIs(
    _ instance: ModelServiceInstance, isResolved: Bool, needsClaim: Bool, observation: Observation?, isBusy: Bool?,
    now: Timestamp, policy: ReconciliationPolicy
) -> Step {
    switch instance.phase {
    case .pending: return .advance(.enter(.resolving))
    case .resolving: return isResolved ? .advance(.enter(.claiming)) : .perform(.resolve)
    case .claiming: return needsClaim ? .perform(.claim) : .advance(.enter(.deploying))
    case .deploying, .starting:
        return instance.handle == nil
            ? .perform(.deploy) : comingUp(instance, observation, lookAgainAt: now + policy.lookAgainAfter)
    case .running, .unhealthy: return running(instance, observation)
    case .restarting: return instance.handle == nil ? .advance(.enter(.deploying)) : .perform(.remove)
    case .stopping:
        if let end = drainEnd(of: instance, isBusy: isBusy, now: now, policy), end > now { return .wait(until: end) }
        return .perform(.remove)
    case .releasing: return .perform(.release)
    case .stopped, .error: return .wait(until: nil)
    }
}

/// Until when the engine is left alone, or when to ask again; nil if it does not drain.
private func drainEnd(
    of instance: ModelServiceInstance, isBusy: Bool?, now: Timestamp, _ policy: ReconciliationPolicy
) -> Timestamp? {
    guard let deadline = instance.drainUntil else { return nil }
    return switch isBusy {
    case nil: min(deadline, instance.phaseSince + policy.drainTime)
    case true?: min(deadline, now + policy.drainLookAfter)
    case false?: now
    }
}

private func comingUp(
    _ instance: ModelServiceInstance, _ observation: Observation?, lookAgainAt: Timestamp
) -> Step {
    guard let observation else { return .wait(until: lookAgainAt) }
    switch observation.state {
    case .absent:
        // Nothing was started, or the preparation died with the process that did it: deploying again is idempotent.
        return instance.phase == .deploying
            ? .perform(.deploy) : .advance(.fail(Failure(.vanished, "the engine is gone without a trace")))
    case .preparing:
        if instance.phase == .starting { return .advance(.enter(.deploying)) }
        return instance.differs(from: observation) ? .advance(.correct) : .wait(until: lookAgainAt)
    case .starting, .unready:
        if instance.phase == .deploying { return .advance(.enter(.starting)) }
        return instance.differs(from: observation) ? .advance(.correct) : .wait(until: lookAgainAt)
    case .ready: return .advance(.enter(.running))
    case .failed(let failure): return .advance(.fail(failure))
    }
}

private func running(_ instance: ModelServiceInstance, _ observation: Observation?) -> Step {
    guard let observation else { return .wait(until: nil) }
    switch observation.state {
    case .absent: return .advance(.fail(Failure(.vanished, "the engine is gone without a trace")))
    case .ready:
        if instance.phase == .unhealthy { return .advance(.enter(.running)) }
        return instance.differs(from: observation) ? .advance(.correct) : .wait(until: nil)
    case .preparing, .starting, .unready:
        return instance.phase == .running ? .advance(.enter(.unhealthy)) : .wait(until: nil)
    case .failed(let failure): return .advance(.fail(failure))
    }
}

extension ModelServiceInstance {
    fileprivate func differs(from observation: Observation) -> Bool {
        handle != observation.handle || url != observation.url || node != observation.node
            || message != observation.message || observation.replicas.map { $0 != replicas } ?? false
    }
}
