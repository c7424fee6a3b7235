import Domain
import ModelServingCore
import Testing

/// What every runtime must do, whatever it runs engines on. A runtime's tests go through all cases.
package enum RuntimeConformance: String, CaseIterable, Sendable {
    case comesUpAndGoesDown
    case deployingTwiceStartsOnce
    case removingTwiceIsFine
    case removingWhatNeverWasIsFine
    case removesWithoutAHandle
    case removesWhatIsStillComingUp
    case tellsOfAnEngineThatDied
    case deploysAgainAfterARemoval
    case givesUpOnAnEngineThatNeverAnswers
    case givesUpOnAnEngineThatEnds
    case surviveACrashOfOursBetweenAnyTwoCalls
    case takesChargeOfARunningEngineWithoutAPause
    case findsAnEngineWhoseHandleWasNeverWritten
    case noticesADeathWhileNobodyWatched
    case leavesOtherInstancesAlone
    case reportsChanges

    /// For anything that an engine of a test does.
    static let deadline: Duration = .seconds(60)
    /// Of ours, one after each call; then it is let work.
    static let crashes = 8

    package func check(_ world: some RuntimeWorld) async throws {
        let runtime = try await world.begin()
        switch self {
        case .comesUpAndGoesDown: try await comesUpAndGoesDown(world, runtime)
        case .deployingTwiceStartsOnce: try await deployingTwiceStartsOnce(world, runtime)
        case .removingTwiceIsFine: try await removingTwiceIsFine(world, runtime)
        case .removingWhatNeverWasIsFine: try await removingWhatNeverWasIsFine(world, runtime)
        case .removesWithoutAHandle: try await removesWithoutAHandle(world, runtime)
        case .removesWhatIsStillComingUp: try await removesWhatIsStillComingUp(world, runtime)
        case .tellsOfAnEngineThatDied: try await tellsOfAnEngineThatDied(world, runtime)
        case .deploysAgainAfterARemoval: try await deploysAgainAfterARemoval(world, runtime)
        case .givesUpOnAnEngineThatNeverAnswers:
            try await givesUp(world, runtime, on: .neverHealthy, because: [.neverHealthy])
        case .givesUpOnAnEngineThatEnds:
            try await givesUp(world, runtime, on: .endsAtOnce, because: [.exitedBeforeReady, .deployFailed])
        case .surviveACrashOfOursBetweenAnyTwoCalls: try await survivesCrashes(world, runtime)
        case .takesChargeOfARunningEngineWithoutAPause: try await takesCharge(world, runtime)
        case .findsAnEngineWhoseHandleWasNeverWritten: try await findsWithoutHandle(world, runtime)
        case .noticesADeathWhileNobodyWatched: try await noticesADeath(world, runtime)
        case .leavesOtherInstancesAlone: try await leavesOthersAlone(world, runtime)
        case .reportsChanges: try await reportsChanges(world, runtime)
        }
        await world.crash(runtime)
    }

    private func comesUpAndGoesDown(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        #expect(await runtime.probe() == .available)
        let deployment = try await world.deployment(.healthy)
        #expect(runtime.problems(with: deployment.model, deployment.configuration(for: runtime.kind)).isEmpty)
        let handle = try await runtime.deploy(deployment)
        let ready = try await runtime.untilReady(deployment, handle)
        #expect(ready.url?.hasPrefix("http") == true)
        #expect(ready.node?.isEmpty == false)
        #expect(ready.handle.text.utf8.count <= RuntimeHandle.maximumLength)
        try await runtime.untilGone(deployment.instanceID, ready.handle)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
        // A look may lag behind a removal: a cluster is watched, but asked what is left.
        _ = try await runtime.untilFailed(deployment, ready.handle)
    }

    private func deployingTwiceStartsOnce(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        async let first = runtime.deploy(deployment)
        async let second = runtime.deploy(deployment)
        let handles = try await [first, second]
        let ready = try await runtime.untilReady(deployment, handles[0])
        _ = try await runtime.deploy(deployment)
        #expect(try await runtime.observe(deployment, ready.handle).state == .ready)
        #expect(await world.starts(of: deployment.instanceID) == 1)
        try await runtime.untilGone(deployment.instanceID, ready.handle)
    }

    private func removingTwiceIsFine(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let handle = try await runtime.untilReady(deployment, try await runtime.deploy(deployment)).handle
        try await runtime.untilGone(deployment.instanceID, handle)
        try await runtime.untilGone(deployment.instanceID, handle)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
    }

    private func removingWhatNeverWasIsFine(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        try await runtime.untilGone(deployment.instanceID, nil)
        await runtime.discard(deployment.instanceID)
        await runtime.discard(deployment.instanceID)
    }

    private func removesWithoutAHandle(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        _ = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        await world.crash(runtime)
        let next = try await world.begin()
        try await next.untilGone(deployment.instanceID, nil)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
        await world.crash(next)
    }

    private func removesWhatIsStillComingUp(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        for pause in [0, 5, 30, 100] {
            let deployment = try await world.deployment(.healthy)
            let handle = try await runtime.deploy(deployment)
            try await Task.sleep(for: .milliseconds(pause))
            try await runtime.untilGone(deployment.instanceID, handle)
            #expect(await !world.hasLeftovers(of: deployment.instanceID), "after \(pause) ms")
        }
    }

    private func tellsOfAnEngineThatDied(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let handle = try await runtime.untilReady(deployment, try await runtime.deploy(deployment)).handle
        try await world.killEngine(of: deployment.instanceID)
        let failure = try await runtime.untilFailed(deployment, handle)
        #expect([.exited, .vanished, .unhealthy, .removedFromCluster].contains(failure.reason))
        try await runtime.untilGone(deployment.instanceID, handle)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
    }

    private func deploysAgainAfterARemoval(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        for _ in 0..<2 {
            let handle = try await runtime.untilReady(deployment, try await runtime.deploy(deployment)).handle
            try await runtime.untilGone(deployment.instanceID, handle)
        }
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
    }

    private func givesUp(
        _ world: some RuntimeWorld, _ runtime: any Runtime, on behaviour: EngineBehaviour,
        because reasons: Set<FailureReason>
    ) async throws {
        let deployment = try await world.deployment(behaviour)
        let handle = try await runtime.deploy(deployment)
        let failure = try await runtime.untilFailed(deployment, handle)
        #expect(reasons.contains(failure.reason))
        #expect(!failure.message.isEmpty)
        try await runtime.untilGone(deployment.instanceID, handle)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
        await runtime.discard(deployment.instanceID)
        #expect(try await runtime.logs(deployment.instanceID, nil, lines: 10).isEmpty)
    }
}

extension Deployment {
    /// What a user asked for that came to this.
    package func configuration(for runtime: RuntimeKind) -> ServiceConfiguration {
        ServiceConfiguration(
            modelID: model.modelID, modelVersion: ModelVersionSelector(model.version), requirements: requirements,
            runtime: runtime, replicas: replicas, engine: engine, options: options)
    }
}
