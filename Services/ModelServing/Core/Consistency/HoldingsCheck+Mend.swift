import Domain

extension HoldingsCheck {
    /// Puts it right, if it is still wrong.
    /// - Returns: whether it is right now, or is going to be.
    public func mend(_ holding: Holding) async throws(ServiceError) -> Bool {
        switch holding {
        case .orphanClaim(let id): try await release(id)
        case .orphanDeployment(let id, let kind): try await remove(id, kind)
        case .missingClaim(let id): try await claim(id)
        }
    }

    /// The way of an instance that the record still has leads through the reconciliation, so that nobody gives back
    /// what a retry is about to need.
    private func release(_ id: ClaimID) async throws(ServiceError) -> Bool {
        guard let service = try await repository.find(instance: id.instanceID),
            let instance = service[instance: id.instanceID]
        else { return await succeeds { () async throws(Failure) in try await claims.release(id) } }
        guard instance.phase.isEnded else {
            _ = try await repository.change(service.id) { $0.expectClaims(upTo: id, at: ambient.now()) }
            await wake(service.id)
            return true
        }
        _ = try await repository.change(service.id) { $0.releaseAgain(id.instanceID, at: ambient.now()) }
        await wake(service.id)
        return true
    }

    private func remove(_ id: ModelServiceInstanceID, _ kind: RuntimeKind) async throws(ServiceError) -> Bool {
        guard let runtime = runtimes.first(where: { $0.kind == kind }) else { return false }
        let service = try await repository.find(instance: id)
        guard service?[instance: id]?.deploymentIsOrphan ?? true else { return true }
        let clock = ContinuousClock()
        let end = clock.now + Self.removalDeadline
        while clock.now < end {
            guard let removal = try? await runtime.remove(id, nil) else { return false }
            if removal == .gone {
                if service == nil { await runtime.discard(id) }
                return true
            }
            try? await clock.sleep(for: Self.removalPause)
        }
        return false
    }

    private func claim(_ id: ModelServiceInstanceID) async throws(ServiceError) -> Bool {
        guard let service = try await repository.find(instance: id), let instance = service[instance: id],
            instance.needsItsClaim
        else { return true }
        // If it ends in between, having nothing to give back, these claims are orphans, and found as such.
        return await succeeds { () async throws(Failure) in
            for claim in service.claims(of: instance) { try await claims.claim(claim) }
        }
    }

    private func succeeds(_ work: () async throws(Failure) -> Void) async -> Bool {
        do throws(Failure) {
            try await work()
            return true
        } catch {
            return false
        }
    }
}

extension ModelService {
    /// Takes the claims of more replicas than it has for its own, so that the reconciliation gives them back.
    mutating func expectClaims(upTo id: ClaimID, at now: Timestamp) {
        guard let index = instances.firstIndex(where: { $0.id == id.instanceID }), instances[index].isOrphan(id)
        else { return }
        instances[index].claimedReplicas = id.replica + 1
        instances[index].updatedAt = now
        updatedAt = now
    }

    /// Sends an ended instance through `releasing` once more.
    mutating func releaseAgain(_ id: ModelServiceInstanceID, at now: Timestamp) {
        guard let index = instances.firstIndex(where: { $0.id == id }), instances[index].phase.isEnded else { return }
        instances[index].enter(.releasing, at: now)
        record(
            .warning, "OrphanClaim", "capacity was still held for it, and is being released", instance: id, at: now)
        updatedAt = now
        refreshConditions(at: now)
    }
}
