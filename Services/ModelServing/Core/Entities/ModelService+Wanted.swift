import Domain

/// What users change. Each change counts `generation` up, and nothing else happens until the reconciliation looks.
extension ModelService {
    /// Wants `configuration` from now on.
    ///
    /// Instances stay where only their number, or who may call them and how, changed. Wanting what is wanted already
    /// does nothing. A canary percent is dropped where there is nothing beside which a canary could run.
    public mutating func update(_ configuration: ServiceConfiguration, at now: Timestamp) throws(ServiceError) {
        try refuseWhileBeingDeleted()
        let kept = configuration.keepsInstances(of: self.configuration) ? revision : nil
        var configuration = configuration
        if configuration.canaryPercent != nil, stableRevision(besides: kept?.number) == nil {
            configuration.canaryPercent = nil
        }
        want(configuration, keeping: kept, at: now)
    }

    /// Gives the service to somebody else. Nothing else about it changes.
    public mutating func assign(to owner: String, at now: Timestamp) throws(ServiceError) {
        guard !owner.utf8.elementsEqual(ownerID.utf8) else { return }
        try refuseWhileBeingDeleted()
        let former = ownerID
        ownerID = owner
        touch(at: now)
        record(.normal, "OwnerChanged", "it belongs to \(owner), and no more to \(former)", at: now)
    }

    /// - Parameter kept: whose instances go on as those of the new revision; nil means none.
    private mutating func want(_ configuration: ServiceConfiguration, keeping kept: Revision?, at now: Timestamp) {
        guard configuration != self.configuration else { return }
        var next = Revision(number: revision.number + 1, configuration: configuration, createdAt: now)
        if let kept {
            next.resolvedVersion = kept.resolvedVersion
            next.model = kept.model
            for index in instances.indices where instances[index].revision == kept.number {
                instances[index].revision = next.number
            }
        }
        revisions.append(next)
        forgetOldRevisions()
        touch(at: now)
        let share = configuration.canaryPercent.map { " as a canary, for \($0) percent of the requests" } ?? ""
        record(.normal, "Updated", "revision \(next.number) is wanted\(share)", at: now)
        refreshConditions(at: now)
    }

    /// Wants what an earlier revision served, with the replicas, the visibility and the balancing of now, and not as a
    /// canary. Instances of it that still run go on.
    ///
    /// - Parameter number: nil means the stable revision while there is a canary, and else the last one that served
    ///   something else.
    public mutating func rollBack(to number: Int?, at now: Timestamp) throws(ServiceError) {
        try refuseWhileBeingDeleted()
        let target: Revision
        if let number {
            guard let revision = revision(number) else { throw .notFound(kind: "revision", id: String(number)) }
            target = revision
        } else {
            guard let earlier = revisionBefore else {
                throw .conflict(
                    code: "nothing_to_roll_back", message: "No earlier revision that served something else is kept.")
            }
            target = earlier
        }
        let configuration = target.pinnedConfiguration.served(like: self.configuration)
        let current = configuration.keepsInstances(of: self.configuration) ? revision : nil
        want(configuration, keeping: hasInstancesToRun(of: target.number) ? target : current, at: now)
        record(.normal, "RolledBack", "revision \(revision.number) is as revision \(target.number) was", at: now)
    }

    /// What is served again if nobody says what.
    private var revisionBefore: Revision? {
        if let stable = canary?.stable { return revision(stable) }
        let wanted = revision.pinnedConfiguration
        return revisions.last {
            // What was tried as a canary only did not serve.
            !$0.pinnedConfiguration.keepsInstances(of: wanted) && $0.configuration.canaryPercent == nil
        }
    }

    /// Clears what went wrong and tries again at once. Does nothing to instances that are well.
    public mutating func retry(at now: Timestamp) throws(ServiceError) {
        try refuseWhileBeingDeleted()
        var count = 0
        for index in instances.indices {
            switch instances[index].phase {
            case .error:
                instances[index].goal = .run
                instances[index].failure = nil
                instances[index].attempts = 0
                instances[index].restarts = 0
                instances[index].handle = nil
                instances[index].stopTime = nil
                instances[index].startTime = nil
                instances[index].enter(.pending, at: now)
                count += 1
            case .resolving, .claiming, .deploying, .restarting, .stopping, .releasing:
                guard instances[index].nextRetryAt != nil else { continue }
                instances[index].nextRetryAt = nil
                instances[index].attempts = 0
                instances[index].updatedAt = now
                count += 1
            case .pending, .starting, .running, .unhealthy, .stopped: continue
            }
        }
        touch(at: now)
        record(.normal, "Retried", "\(count) instances are tried again", at: now)
        refreshConditions(at: now)
    }

    /// Wants the service gone. Idempotent.
    public mutating func requestDeletion(at now: Timestamp) {
        guard deletionRequestedAt == nil else { return }
        deletionRequestedAt = now
        for index in instances.indices { instances[index].nextRetryAt = nil }
        touch(at: now)
        record(.normal, "DeletionRequested", "everything it holds is being taken down", at: now)
        refreshConditions(at: now)
    }

    public mutating func addToken(_ token: EndpointToken, at now: Timestamp) throws(ServiceError) {
        try refuseWhileBeingDeleted()
        guard tokens.count < Self.maximumTokens else {
            throw .unprocessable(
                code: "too_many_tokens",
                message: "The service has \(tokens.count) tokens, the most that it may have; revoke one first.")
        }
        tokens.append(token)
        touch(at: now)
        record(.normal, "TokenIssued", "token \(token.id) was issued", at: now)
    }

    public mutating func revokeToken(_ id: EndpointTokenID, at now: Timestamp) throws(ServiceError) {
        guard let index = tokens.firstIndex(where: { $0.id == id }) else {
            throw .notFound(kind: "token", id: id.description)
        }
        tokens.remove(at: index)
        touch(at: now)
        record(.normal, "TokenRevoked", "token \(id) was revoked", at: now)
    }

    private func refuseWhileBeingDeleted() throws(ServiceError) {
        guard deletionRequestedAt == nil else {
            throw .conflict(code: "being_deleted", message: "The service \"\(name)\" is being deleted.")
        }
    }

    private mutating func touch(at now: Timestamp) {
        generation += 1
        updatedAt = now
    }

    private mutating func forgetOldRevisions() {
        while revisions.count > Self.maximumRevisions {
            guard let index = revisions.indices.dropLast().first(where: { !isInUse(revisions[$0]) }) else { return }
            revisions.remove(at: index)
        }
    }

    private func isInUse(_ revision: Revision) -> Bool {
        instances.contains { $0.revision == revision.number && !$0.phase.isEnded }
    }
}
