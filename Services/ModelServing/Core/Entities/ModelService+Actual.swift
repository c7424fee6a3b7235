import Domain

/// What the reconciliation writes. All of it is pure: time and chance are arguments.
extension ModelService {
    /// Makes the change to which instances there are. `newID` is used by `.start` only.
    mutating func apply(_ change: RolloutChange, newID: ModelServiceInstanceID, at now: Timestamp, drain: Duration) {
        switch change {
        case .start(let number):
            instances.append(ModelServiceInstance(id: newID, revision: number, at: now))
            record(.normal, "InstanceCreated", "for revision \(number)", instance: newID, at: now)
        case .retire(let id, let isDraining):
            guard let index = instances.firstIndex(where: { $0.id == id }) else { return }
            instances[index].retire(drainUntil: isDraining ? now + drain : nil, at: now)
            record(.normal, "InstanceRetired", "nobody wants it any longer", instance: id, at: now)
        case .forget(let id): instances.removeAll { $0.id == id }
        case .removeService: return
        }
        updatedAt = now
        forgetUnusedDefinitions()
        refreshConditions(at: now)
    }

    /// Writes what came of `effect`. Does nothing if the instance is no longer in the phase that asked for it: whoever
    /// looks next decides anew.
    mutating func apply(
        _ outcome: Outcome, of instance: ModelServiceInstance, at now: Timestamp, policy: ReconciliationPolicy,
        random: UInt64
    ) {
        guard let index = instances.firstIndex(where: { $0.id == instance.id }),
            instances[index].phase == instance.phase
        else { return }
        switch outcome {
        case .resolved(let model):
            // Meanwhile the instance may have gone over to another revision, which serves the same model then.
            resolve(revisions: [instance.revision, instances[index].revision], as: model, index, at: now)
        case .claimed(let replicas):
            instances[index].claimedReplicas = replicas
            instances[index].endScaling(at: now)
            if instances[index].phase == .claiming { enter(.deploying, index, at: now) }
        case .deployed(let handle):
            instances[index].handle = handle
            instances[index].updatedAt = now
        case .scaled(let replicas):
            record(.normal, "Scaled", "to \(replicas) replicas", instance: instance.id, at: now)
            instances[index].endScaling(at: now)
        case .surplusReleased(let replicas):
            instances[index].claimedReplicas = replicas
            instances[index].endScaling(at: now)
        case .removing: return
        case .removed: removed(index, at: now, pause: policy.pause(after: instance.attempts, random: random))
        case .released:
            instances[index].claimedReplicas = nil
            enter(instances[index].goal == .giveUp ? .error : .stopped, index, at: now)
        case .failed(let failure) where instances[index].phase.mayBeScaled:
            // Nothing else is done in these phases.
            record(.warning, failure.reason.rawValue, failure.message, instance: instance.id, at: now)
            instances[index].failToScale(failure, at: now, policy: policy, random: random)
        case .failed(let failure): fail(failure, index, at: now, policy: policy, random: random)
        }
        updatedAt = now
        forgetUnusedDefinitions()
        refreshConditions(at: now)
    }

    /// Writes a change of the record alone, with what the runtime saw. Does nothing if the instance is no longer in the
    /// phase that it was seen in.
    mutating func apply(
        _ transition: Transition, of instance: ModelServiceInstance, _ observation: Observation?, at now: Timestamp,
        policy: ReconciliationPolicy, random: UInt64
    ) {
        guard let index = instances.firstIndex(where: { $0.id == instance.id }),
            instances[index].phase == instance.phase
        else { return }
        if let observation {
            instances[index].handle = observation.handle
            instances[index].url = observation.url
            instances[index].node = observation.node
            instances[index].message = observation.message
            instances[index].replicas = observation.replicas ?? instances[index].replicas
        }
        switch transition {
        case .enter(let phase): enter(phase, index, at: now)
        case .fail(let failure): fail(failure, index, at: now, policy: policy, random: random)
        case .correct: instances[index].updatedAt = now
        case .endScaling: instances[index].endScaling(at: now)
        }
        updatedAt = now
        forgetUnusedDefinitions()
        refreshConditions(at: now)
    }

    private mutating func enter(_ phase: InstancePhase, _ index: Int, at now: Timestamp) {
        let former = instances[index].phase
        instances[index].enter(phase, at: now)
        switch phase {
        case .running:
            instances[index].failure = nil
            if instances[index].startTime == nil { instances[index].startTime = now }
        case .stopped, .error:
            instances[index].leave()
            if instances[index].startTime != nil, instances[index].stopTime == nil {
                instances[index].stopTime = now
            }
        case .claiming: instances[index].attempts = 0
        case .pending, .resolving, .deploying, .starting, .unhealthy, .restarting, .stopping, .releasing: break
        }
        let severity: ServiceEvent.Severity = phase == .error || phase == .unhealthy ? .warning : .normal
        record(
            severity, phase.eventReason, "was \(former.rawValue), is \(phase.rawValue)", instance: instances[index].id,
            at: now)
    }

    private mutating func resolve(
        revisions numbers: Set<Int>, as model: ResolvedModel, _ index: Int, at now: Timestamp
    ) {
        // The first answer counts: `latest` may have moved on between two instances of one revision.
        for place in revisions.indices
        where numbers.contains(revisions[place].number)
            && revisions[place].resolvedVersion ?? model.version == model.version
        {
            revisions[place].resolvedVersion = model.version
            revisions[place].model = model
        }
        instances[index].failure = nil
        enter(.claiming, index, at: now)
    }

    private mutating func removed(_ index: Int, at now: Timestamp, pause: Duration) {
        instances[index].leave()
        if instances[index].phase == .stopping {
            instances[index].drainUntil = nil
            if instances[index].startTime != nil { instances[index].stopTime = now }
            enter(.releasing, index, at: now)
        } else {
            instances[index].nextRetryAt = now + pause
            instances[index].updatedAt = now
        }
    }

    private mutating func fail(
        _ failure: Failure, _ index: Int, at now: Timestamp, policy: ReconciliationPolicy, random: UInt64
    ) {
        let id = instances[index].id
        let wasGivenUp = instances[index].goal == .giveUp
        record(.warning, failure.reason.rawValue, failure.message, instance: id, at: now)
        instances[index].fail(failure, at: now, policy: policy, random: random)
        if !wasGivenUp, instances[index].goal == .giveUp {
            record(.warning, "GivenUp", failure.operatorAction, instance: id, at: now)
            if let canary, canary.revision == instances[index].revision {
                record(
                    .warning, "CanaryFailed",
                    "the canary, revision \(canary.revision), goes no further; revision \(canary.stable) keeps serving",
                    at: now)
            }
        }
    }

    /// A definition file may be long, and the record is written often.
    private mutating func forgetUnusedDefinitions() {
        for index in revisions.indices.dropLast() where revisions[index].model != nil {
            let number = revisions[index].number
            if instances.allSatisfy({ $0.revision != number || $0.phase.isEnded }) { revisions[index].model = nil }
        }
    }
}

extension ModelServiceInstance {
    /// Nothing of it is there any more.
    fileprivate mutating func leave() {
        handle = nil
        url = nil
        message = nil
        replicas = nil
    }
}

extension InstancePhase {
    /// The CamelCase word for having entered this phase.
    var eventReason: String {
        let word = rawValue
        return "Instance" + word.prefix(1).uppercased() + word.dropFirst()
    }
}
