import Domain
import ModelServingCore
import Testing

extension RuntimeConformance {
    /// Ours is ended and begun anew after each call, and only what it would have persisted goes on.
    func survivesCrashes(_ world: some RuntimeWorld, _ first: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        var runtime = first
        func restart() async throws {
            await world.crash(runtime)
            runtime = try await world.begin()
        }
        var handle = try await runtime.deploy(deployment)
        try await restart()
        let clock = ContinuousClock()
        let deadline = clock.now + Self.deadline
        var state = try await runtime.recover(deployment, handle).state
        var restarts = 0
        while state != .ready {
            try #require(clock.now < deadline, "\(state)")
            let seen = try await runtime.observe(deployment, handle)
            (state, handle) = (seen.state, seen.handle)
            if state == .absent { handle = try await runtime.deploy(deployment) }
            restarts += 1
            if restarts < Self.crashes { try await restart() }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await world.starts(of: deployment.instanceID) >= 1)
        restarts = 0
        while try await runtime.remove(deployment.instanceID, handle) != .gone {
            try #require(clock.now < deadline)
            restarts += 1
            if restarts < Self.crashes { try await restart() }
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
        await world.crash(runtime)
    }

    func takesCharge(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        await world.crash(runtime)
        let next = try await world.begin()
        let seen = try await next.recover(deployment, ready.handle)
        #expect(seen.state == .ready, "it was ready, so it stays in the routes until it fails a check")
        #expect(seen.url == ready.url)
        #expect(try await next.recover(deployment, ready.handle).state == .ready)
        #expect(await world.starts(of: deployment.instanceID) == 1)
        try await world.killEngine(of: deployment.instanceID)
        _ = try await next.untilFailed(deployment, seen.handle)
        try await next.untilGone(deployment.instanceID, seen.handle)
        await world.crash(next)
    }

    func findsWithoutHandle(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let early = try await runtime.deploy(deployment)
        _ = try await runtime.untilReady(deployment, early)
        await world.crash(runtime)
        let next = try await world.begin()
        let again = try await next.untilReady(deployment, early)
        #expect(await world.starts(of: deployment.instanceID) == 1)
        await world.crash(next)
        let third = try await world.begin()
        _ = try await third.deploy(deployment)
        _ = try await third.untilReady(deployment, early)
        #expect(await world.starts(of: deployment.instanceID) == 1)
        try await third.untilGone(deployment.instanceID, again.handle)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
        await world.crash(third)
    }

    func noticesADeath(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        await world.crash(runtime)
        try await world.killEngine(of: deployment.instanceID)
        let next = try await world.begin()
        _ = try await next.recover(deployment, ready.handle)
        _ = try await next.untilFailed(deployment, ready.handle)
        try await next.untilGone(deployment.instanceID, ready.handle)
        await world.crash(next)
    }

    func leavesOthersAlone(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let stays = try await world.deployment(.healthy)
        let goes = try await world.deployment(.healthy)
        let kept = try await runtime.untilReady(stays, try await runtime.deploy(stays))
        let gone = try await runtime.untilReady(goes, try await runtime.deploy(goes))
        #expect(kept.url != gone.url)
        try await runtime.untilGone(goes.instanceID, gone.handle)
        #expect(try await runtime.observe(stays, kept.handle).state == .ready)
        #expect(await world.hasLeftovers(of: stays.instanceID))
        try await runtime.untilGone(stays.instanceID, kept.handle)
    }

    func reportsChanges(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let changes = runtime.changes()
        let first = Task<ModelServiceID?, Never> { await changes.first { _ in true } }
        let handle = try await runtime.deploy(deployment)
        #expect(await first.value == deployment.serviceID)
        let ready = try await runtime.untilReady(deployment, handle)
        try await runtime.untilGone(deployment.instanceID, ready.handle)
    }
}
