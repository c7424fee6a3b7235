import Domain

extension Reconciler {
    /// Does one thing outside. Never throws: a failure is an outcome.
    func outcome(
        of effect: Effect, on instance: ModelServiceInstance, in service: ModelService
    ) async -> Outcome {
        do throws(Failure) {
            switch effect {
            case .resolve: return try await resolve(instance, service)
            case .claim: return try await claim(instance, service)
            case .deploy: return try await deploy(instance, service)
            case .remove: return try await remove(instance, service)
            case .release:
                let count = max(instance.claimedReplicas ?? 0, service.replicasInside(instance))
                try await release(0..<count, of: instance)
                return .released
            case .scale: return try await scale(instance, service)
            case .releaseSurplus:
                let wanted = service.replicasInside(instance)
                try await release(wanted..<max(wanted, instance.claimedReplicas ?? wanted), of: instance)
                return .surplusReleased(replicas: wanted)
            }
        } catch {
            return .failed(error)
        }
    }

    private func resolve(
        _ instance: ModelServiceInstance, _ service: ModelService
    ) async throws(Failure) -> Outcome {
        guard let revision = service.revision(instance.revision) else { throw .unknownRevision(instance) }
        let configuration = revision.configuration
        // Once a revision has meant a version, it means that version: `latest` may have moved on.
        let version = revision.resolvedVersion.map { ModelVersionSelector($0) } ?? configuration.modelVersion
        return .resolved(try await catalog.resolve(configuration.modelID, version))
    }

    private func claim(_ instance: ModelServiceInstance, _ service: ModelService) async throws(Failure) -> Outcome {
        let wanted = service.replicasInside(instance)
        let held = instance.claimedReplicas ?? 0
        for (replica, claim) in service.claims(of: instance, count: wanted).enumerated() where replica >= held {
            do throws(Failure) {
                try await claims.claim(claim)
            } catch {
                // All or nothing: two that each hold a part and wait for the rest would wait for ever.
                try? await release(held..<replica, of: instance)
                throw error
            }
        }
        return .claimed(replicas: wanted)
    }

    private func release(_ replicas: Range<Int>, of instance: ModelServiceInstance) async throws(Failure) {
        for replica in replicas { try await claims.release(ClaimID(instance.id, replica: replica)) }
    }

    private func scale(_ instance: ModelServiceInstance, _ service: ModelService) async throws(Failure) -> Outcome {
        guard let deployment = deployment(of: instance, in: service), let handle = instance.handle else {
            throw .unknownRevision(instance)
        }
        guard let runtime = runtimes[deployment.runtime] else { throw .missing(deployment.runtime) }
        try await runtime.scale(deployment.value, handle)
        return .scaled(replicas: deployment.value.replicas)
    }

    private func deploy(_ instance: ModelServiceInstance, _ service: ModelService) async throws(Failure) -> Outcome {
        guard let deployment = deployment(of: instance, in: service),
            let configuration = service.revision(instance.revision)?.configuration
        else { throw .unknownRevision(instance) }
        guard let runtime = runtimes[deployment.runtime] else { throw .missing(deployment.runtime) }
        let problems =
            configuration.engineProblems + runtime.problems(with: deployment.value.model, configuration)
        guard problems.isEmpty else {
            let reason: FailureReason =
                problems.allSatisfy(\.isOfTheRequest)
                ? .deployRefused : deployment.value.model.definition == nil ? .definitionMissing : .definitionInvalid
            throw Failure(reason, problems.map { "\($0.field): \($0.message)" }.joined(separator: "; "))
        }
        return .deployed(try await runtime.deploy(deployment.value))
    }

    private func remove(_ instance: ModelServiceInstance, _ service: ModelService) async throws(Failure) -> Outcome {
        guard let revision = service.revision(instance.revision) else { throw .unknownRevision(instance) }
        let kind = revision.configuration.runtime
        guard let runtime = runtimes[kind] else {
            // Without the runtime nothing can have been deployed, unless it was there once.
            guard instance.handle != nil else { return .removed }
            throw .missing(kind)
        }
        switch try await runtime.remove(instance.id, instance.handle) {
        case .inProgress: return .removing
        case .gone: return .removed
        }
    }

    /// What a runtime is told; nil if the instance's revision is not known or not resolved.
    func deployment(
        of instance: ModelServiceInstance, in service: ModelService
    ) -> (value: Deployment, runtime: RuntimeKind)? {
        guard let revision = service.revision(instance.revision), let model = revision.model else { return nil }
        let configuration = revision.configuration
        let deployment = Deployment(
            serviceID: service.id, serviceName: service.name, instanceID: instance.id, revision: instance.revision,
            model: model, requirements: configuration.requirements,
            replicas: instance.replicasToDeploy(of: configuration.replicasInside),
            engine: configuration.engine, options: configuration.options ?? RuntimeOptions())
        return (deployment, configuration.runtime)
    }
}

extension Failure {
    fileprivate static func missing(_ runtime: RuntimeKind) -> Self {
        Self(.runtimeNotAvailable, "the runtime \(runtime.rawValue) is not available in this installation")
    }

    /// Cannot happen, since revisions in use are kept; said rather than crashed over.
    fileprivate static func unknownRevision(_ instance: ModelServiceInstance) -> Self {
        Self(.internalFault, "revision \(instance.revision) of instance \(instance.id) is not in the record")
    }
}
