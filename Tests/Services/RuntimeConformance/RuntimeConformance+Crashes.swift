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
        let ready = try await untilReady(deployment, try await runtime.deploy(deployment), runtime)
        await world.crash(runtime)
        let next = try await world.begin()
        let seen = try await next.recover(deployment, ready.handle)
        #expect(seen.state == .ready, "it was ready, so it stays in the routes until it fails a check")
        #expect(seen.url == ready.url)
        #expect(try await next.recover(deployment, ready.handle).state == .ready)
        #expect(await world.starts(of: deployment.instanceID) == 1)
        try await world.killEngine(of: deployment.instanceID)
        _ = try await untilFailed(deployment, seen.handle, next)
        try await remove(deployment.instanceID, seen.handle, next)
        await world.crash(next)
    }

    func findsWithoutHandle(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let early = try await runtime.deploy(deployment)
        _ = try await untilReady(deployment, early, runtime)
        await world.crash(runtime)
        let next = try await world.begin()
        let again = try await untilReady(deployment, early, next)
        #expect(await world.starts(of: deployment.instanceID) == 1)
        await world.crash(next)
        let third = try await world.begin()
        _ = try await third.deploy(deployment)
        _ = try await untilReady(deployment, early, third)
        #expect(await world.starts(of: deployment.instanceID) == 1)
        try await remove(deployment.instanceID, again.handle, third)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
        await world.crash(third)
    }

    func noticesADeath(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let ready = try await untilReady(deployment, try await runtime.deploy(deployment), runtime)
        await world.crash(runtime)
        try await world.killEngine(of: deployment.instanceID)
        let next = try await world.begin()
        _ = try await next.recover(deployment, ready.handle)
        _ = try await untilFailed(deployment, ready.handle, next)
        try await remove(deployment.instanceID, ready.handle, next)
        await world.crash(next)
    }

    func leavesOthersAlone(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let stays = try await world.deployment(.healthy)
        let goes = try await world.deployment(.healthy)
        let kept = try await untilReady(stays, try await runtime.deploy(stays), runtime)
        let gone = try await untilReady(goes, try await runtime.deploy(goes), runtime)
        #expect(kept.url != gone.url)
        try await remove(goes.instanceID, gone.handle, runtime)
        #expect(try await runtime.observe(stays, kept.handle).state == .ready)
        #expect(await world.hasLeftovers(of: stays.instanceID))
        try await remove(stays.instanceID, kept.handle, runtime)
    }

    func reportsChanges(_ world: some RuntimeWorld, _ runtime: any Runtime) async throws {
        let deployment = try await world.deployment(.healthy)
        let changes = runtime.changes()
        let first = Task<ModelServiceID?, Never> { await changes.first { _ in true } }
        let handle = try await runtime.deploy(deployment)
        #expect(await first.value == deployment.serviceID)
        let ready = try await untilReady(deployment, handle, runtime)
        try await remove(deployment.instanceID, ready.handle, runtime)
    }

    package func untilReady(
        _ deployment: Deployment, _ handle: RuntimeHandle, _ runtime: any Runtime
    ) async throws -> Observation {
        try await until(deployment, handle, runtime) { observation in
            if case .failed(let failure) = observation.state { Issue.record("failed: \(failure)") }
            return observation.state == .ready ? observation : nil
        }
    }

    package func untilFailed(
        _ deployment: Deployment, _ handle: RuntimeHandle, _ runtime: any Runtime
    ) async throws -> Failure {
        try await until(deployment, handle, runtime) { observation in
            switch observation.state {
            case .failed(let failure): failure
            case .absent: Failure(.vanished, "absent")
            case .preparing, .starting, .ready, .unready: nil
            }
        }
    }

    private func until<Answer>(
        _ deployment: Deployment, _ handle: RuntimeHandle, _ runtime: any Runtime,
        _ answer: (Observation) -> Answer?
    ) async throws -> Answer {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.deadline
        var handle = handle
        while true {
            let observation = try await runtime.observe(deployment, handle)
            if let answer = answer(observation) { return answer }
            try #require(clock.now < deadline, "\(observation)")
            handle = observation.handle
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    package func remove(
        _ instance: ModelServiceInstanceID, _ handle: RuntimeHandle?, _ runtime: any Runtime
    ) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.deadline
        while try await runtime.remove(instance, handle) != .gone {
            try #require(clock.now < deadline, "not removed in time")
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
