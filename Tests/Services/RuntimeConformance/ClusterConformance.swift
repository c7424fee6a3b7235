import Domain
import ModelServingCore
import Testing

/// A world with a cluster in it, which others use too and which may go away.
package protocol ClusterWorld: RuntimeWorld {
    /// The cluster stops answering, or answers again as if nothing had been. What runs on it goes on.
    func answer(_ isThere: Bool) async throws

    /// Puts something onto the cluster that is not of this installation, of the kind that the runtime makes.
    func addForeignObject() async throws

    /// Whether it is as it was put there.
    func foreignObjectIsUntouched() async throws -> Bool
}

/// What every runtime must do besides that has its instances on a cluster, with the replicas inside.
package enum ClusterConformance: String, CaseIterable, Sendable {
    case scalesInPlace
    case runsRevisionsBesideEachOther
    case keepsWhatItKnowsWhileTheClusterIsAway
    case removesOnceTheClusterIsBack
    case deploysOnceTheClusterIsBack
    case leavesForeignObjectsAlone

    package func check(_ world: some ClusterWorld) async throws {
        let runtime = try await world.begin()
        switch self {
        case .scalesInPlace: try await scalesInPlace(world, runtime)
        case .runsRevisionsBesideEachOther: try await runsRevisions(world, runtime)
        case .keepsWhatItKnowsWhileTheClusterIsAway: try await keepsWhatItKnows(world, runtime)
        case .removesOnceTheClusterIsBack: try await removesLate(world, runtime)
        case .deploysOnceTheClusterIsBack: try await deploysLate(world, runtime)
        case .leavesForeignObjectsAlone: try await leavesForeignObjects(world, runtime)
        }
        await world.crash(runtime)
    }

    private func scalesInPlace(_ world: some ClusterWorld, _ runtime: any Runtime) async throws {
        let one = try await world.deployment(.healthy)
        var ready = try await runtime.untilReady(one, try await runtime.deploy(one))
        #expect(ready.replicas?.wanted == 1)
        for count in [3, 2, 1] {
            let wanted = one.scaled(to: count)
            try await runtime.scale(wanted, ready.handle)
            try await runtime.scale(wanted, ready.handle)
            let seen = try await runtime.until(wanted, ready.handle) { $0.replicas?.wanted == count }
            #expect(seen.state == .ready, "what ran goes on")
            #expect(seen.url == ready.url)
            ready = seen
        }
        #expect(await world.starts(of: one.instanceID) <= 3, "no more than there were replicas at most")
        try await runtime.untilGone(one.instanceID, ready.handle)
        #expect(await !world.hasLeftovers(of: one.instanceID))
    }

    private func runsRevisions(_ world: some ClusterWorld, _ runtime: any Runtime) async throws {
        let first = try await world.deployment(.healthy)
        let second = try await world.deployment(.healthy).nextRevision(of: first)
        let old = try await runtime.untilReady(first, try await runtime.deploy(first))
        let new = try await runtime.untilReady(second, try await runtime.deploy(second))
        #expect(old.url != new.url)
        try await runtime.untilDeployed([first.instanceID, second.instanceID])
        try await runtime.untilGone(first.instanceID, old.handle)
        #expect(try await runtime.observe(second, new.handle).state == .ready)
        #expect(await !world.hasLeftovers(of: first.instanceID))
        try await runtime.untilGone(second.instanceID, new.handle)
    }

    private func keepsWhatItKnows(_ world: some ClusterWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        try await world.answer(false)
        for _ in 0..<20 {
            do throws(Failure) {
                #expect(try await runtime.observe(deployment, ready.handle).state == .ready)
            } catch {
                #expect(error.reason == .runtimeUnreachable, "no news is no failure of the instance")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        if case .available = await runtime.probe() { Issue.record("a cluster that is away is said to be there") }
        try await world.answer(true)
        _ = try await runtime.until(deployment, ready.handle, mayBeAway: true) { $0.state == .ready }
        #expect(await world.starts(of: deployment.instanceID) == 1)
        try await runtime.untilGone(deployment.instanceID, ready.handle)
    }

    private func removesLate(_ world: some ClusterWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        try await world.answer(false)
        for _ in 0..<3 {
            let removal = try? await runtime.remove(deployment.instanceID, ready.handle)
            #expect(removal != .gone, "nobody can know that")
        }
        try await world.answer(true)
        try await runtime.untilGone(deployment.instanceID, ready.handle, mayBeAway: true)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
    }

    private func deploysLate(_ world: some ClusterWorld, _ runtime: any Runtime) async throws {
        try await world.answer(false)
        let deployment = try await world.deployment(.healthy)
        await #expect { try await runtime.deploy(deployment) } throws: {
            ($0 as? Failure)?.reason == .runtimeUnreachable
        }
        try await world.answer(true)
        let handle = try await patiently(mayBeAway: true) { try await runtime.deploy(deployment) }
        let ready = try await runtime.until(deployment, handle, mayBeAway: true) { $0.state == .ready }
        #expect(await world.starts(of: deployment.instanceID) == 1)
        try await runtime.untilGone(deployment.instanceID, ready.handle)
    }

    private func leavesForeignObjects(_ world: some ClusterWorld, _ runtime: any Runtime) async throws {
        try await world.addForeignObject()
        let deployment = try await world.deployment(.healthy)
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        try await runtime.scale(deployment.scaled(to: 2), ready.handle)
        try await runtime.untilDeployed([deployment.instanceID])
        try await runtime.untilGone(deployment.instanceID, ready.handle)
        #expect(try await world.foreignObjectIsUntouched())
        try await runtime.untilDeployed([])
    }
}

extension Deployment {
    fileprivate func scaled(to replicas: Int) -> Deployment {
        Deployment(
            serviceID: serviceID, serviceName: serviceName, instanceID: instanceID, revision: revision, model: model,
            requirements: requirements, replicas: replicas, engine: engine, options: options)
    }

    fileprivate func nextRevision(of other: Deployment) -> Deployment {
        Deployment(
            serviceID: other.serviceID, serviceName: other.serviceName, instanceID: instanceID,
            revision: other.revision + 1, model: model, requirements: requirements, replicas: replicas, engine: engine,
            options: options)
    }
}
