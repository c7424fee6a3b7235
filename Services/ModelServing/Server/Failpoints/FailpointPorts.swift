#if DEBUG
    import Domain
    import ModelServingCore

    /// The ports of the reconciliation with a failpoint on either side of each effect: `resolve`, `claim`, `release`,
    /// `deploy`, `remove`.
    struct FailpointModelCatalog: ModelCatalog {
        let catalog: any ModelCatalog

        func resolve(_ model: ModelID, _ version: ModelVersionSelector) async throws(Failure) -> ResolvedModel {
            await Failpoint.reach(.before, "resolve")
            let resolved = try await catalog.resolve(model, version)
            await Failpoint.reach(.after, "resolve")
            return resolved
        }
    }

    struct FailpointResourceClaims: ResourceClaims {
        let claims: any ResourceClaims

        func claim(_ claim: ResourceClaim) async throws(Failure) {
            await Failpoint.reach(.before, "claim")
            try await claims.claim(claim)
            await Failpoint.reach(.after, "claim")
        }

        func release(_ claim: ClaimID) async throws(Failure) {
            await Failpoint.reach(.before, "release")
            try await claims.release(claim)
            await Failpoint.reach(.after, "release")
        }

        func held() async throws(Failure) -> [HeldClaim] { try await claims.held() }

        func shortfall(
            _ requirements: ResourceRequirements, from pools: PoolSelector
        ) async throws(Failure) -> String? {
            try await claims.shortfall(requirements, from: pools)
        }
    }

    struct FailpointRuntime: Runtime {
        let runtime: any Runtime

        var kind: RuntimeKind { runtime.kind }

        func probe() async -> RuntimeProbe { await runtime.probe() }

        func problems(with model: ResolvedModel, _ configuration: ServiceConfiguration) -> [FieldProblem] {
            runtime.problems(with: model, configuration)
        }

        func deploy(_ deployment: Deployment) async throws(Failure) -> RuntimeHandle {
            await Failpoint.reach(.before, "deploy")
            let handle = try await runtime.deploy(deployment)
            await Failpoint.reach(.after, "deploy")
            return handle
        }

        func observe(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation {
            try await runtime.observe(deployment, handle)
        }

        func recover(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) -> Observation {
            try await runtime.recover(deployment, handle)
        }

        func letGo(of isTheirs: @Sendable (ModelServiceID) -> Bool) async { await runtime.letGo(of: isTheirs) }

        func deployed() async -> [DeployedInstance] { await runtime.deployed() }

        func scale(_ deployment: Deployment, _ handle: RuntimeHandle) async throws(Failure) {
            try await runtime.scale(deployment, handle)
        }

        func remove(_ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?) async throws(Failure) -> Removal {
            await Failpoint.reach(.before, "remove")
            let removal = try await runtime.remove(instance, handle)
            if removal == .gone { await Failpoint.reach(.after, "remove") }
            return removal
        }

        func logs(
            _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, lines: Int
        ) async throws(Failure) -> [String] {
            try await runtime.logs(instance, handle, lines: lines)
        }

        func discard(_ instance: ModelServiceInstanceID) async { await runtime.discard(instance) }

        func changes() -> AsyncStream<ModelServiceID> { runtime.changes() }
    }
#endif
