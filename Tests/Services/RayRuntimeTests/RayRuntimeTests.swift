import Domain
import HTTP
import JSON
import ModelServingCore
import RuntimeConformance
import TestSupport
import Testing

@testable import RayRuntime

@Suite(.timeLimit(.minutes(2))) struct RayRuntimeTests {

    @Test func declaresTheApplicationWithItsResources() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment(
            "chat:build", replicas: 2,
            requirements: ResourceRequirements(gpuDevices: 1, cpuMillicores: 500, memoryMebibytes: 64)
        ) {
            $0.workingDirectory = "https://example.com/chat.zip"
            $0.environment = ["WEIGHTS": "{model_path}", "NAME": "{service_name}"]
        }
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        let name = world.name(of: deployment)
        #expect(ready.url == "\(world.dashboard)/\(name)")
        #expect(ready.node == "127.0.0.1")
        #expect(ready.replicas?.present == 2)
        let declared = try #require(world.serve.configuration(name))
        #expect(declared["route_prefix"]?.stringValue == "/\(name)")
        #expect(declared["import_path"] == "chat:build")
        let path = try #require(declared["args"]?["model"]?.stringValue)
        #expect(path.hasPrefix("\(world.folder)/data/models/"))
        #expect(declared["runtime_env"]?["working_dir"] == "https://example.com/chat.zip")
        #expect(declared["runtime_env"]?["env_vars"]?["WEIGHTS"]?.stringValue == path)
        #expect(declared["runtime_env"]?["env_vars"]?["NAME"] == "tiny-chat")
        #expect(declared["runtime_env"]?["env_vars"]?["SLIPWAY_INSTALLATION"] == "test")
        #expect(
            declared["deployments"] == [
                [
                    "name": "Model", "num_replicas": 2, "autoscaling_config": nil,
                    "ray_actor_options": ["num_cpus": 0.5, "num_gpus": 1, "memory": 67_108_864],
                ]
            ])
    }

    /// The first time Serve has to tell which deployment takes the requests; after that it is known.
    @Test func remembersWhichDeploymentTakesTheRequests() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        for writes in [2, 3] {
            let deployment = world.deployment("chat:build")
            _ = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
            #expect(world.serve.change { $0.writes.count } == writes)
        }
    }

    @Test func scalesInPlace() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let one = world.deployment("chat:build")
        let ready = try await runtime.untilReady(one, try await runtime.deploy(one))
        for replicas in [2, 1] {
            let wanted = one.with(replicas: replicas)
            try await runtime.scale(wanted, ready.handle)
            try await runtime.scale(wanted, ready.handle)
            let seen = try await runtime.until(wanted, ready.handle) { seen in
                #expect(seen.state == .ready, "what ran goes on")
                return seen.replicas?.wanted == replicas && seen.replicas?.present == replicas && seen.message == nil
            }
            #expect(seen.url == ready.url)
        }
        #expect(await world.starts(of: one.instanceID) == 1)
        // Built, completed, up, down.
        #expect(world.serve.change { $0.writes.count } == 4)
    }

    @Test func saysSoIfThereIsNothingToScale() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build")
        let failure = await #expect(throws: Failure.self) {
            try await runtime.scale(
                deployment, RayHandle(application: "x", startedAt: .init(millisecondsSinceEpoch: 0)).persistent)
        }
        #expect(failure?.reason == .removedFromCluster)
    }

    @Test func leavesAutoscalingToRay() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build", replicas: 3) {
            $0.autoscaling = .init(minimumReplicas: 0, maximumReplicas: 3, targetOngoingRequests: 1.5)
        }
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        let name = world.name(of: deployment)
        #expect(
            world.serve.configuration(name)?["deployments"] == [
                [
                    "name": "Model",
                    "autoscaling_config": ["min_replicas": 0, "max_replicas": 3, "target_ongoing_requests": 1.5],
                ]
            ])
        try await runtime.scale(deployment.with(replicas: 1), ready.handle)
        world.serve.change { $0.applications[name]?.states = ["autoscaled_to_zero"] }
        let seen = try await runtime.until(deployment, ready.handle) { $0.replicas?.present == 0 }
        #expect(seen.state == .ready, "a request brings one up")
    }

    @Test func tellsWhyItWaitsAndGivesUpInTime() async throws {
        let world = try await RayWorld()
        let time = ManualTime()
        let runtime = world.runtime(now: { time.now })
        let deployment = world.deployment("never:build") { $0.startSeconds = 60 }
        let handle = try await declared(deployment, runtime, world)
        let waiting = try await runtime.until(deployment, handle) { seen in
            seen.state == .starting && seen.message?.contains("30s") == true
        }
        let message = try #require(waiting.message)
        #expect(message.contains(#"Resources required for each replica: [{"GPU": 1.0, "CPU": 1.0}]"#))
        time.advance(by: .seconds(59))
        #expect(try await runtime.observe(deployment, handle).state == .starting)
        time.advance(by: .seconds(1))
        let failure = try await runtime.untilFailed(deployment, handle)
        #expect(failure.reason == .neverHealthy)
        #expect(failure.message.contains("GPU"))
    }

    @Test func tellsWhyTheConstructorFailed() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("broken:build")
        let failure = try await runtime.untilFailed(deployment, try await runtime.deploy(deployment))
        #expect(failure == Failure(.deployFailed, "Model: RuntimeError: model weights could not be loaded"))
        // Not always at the first look: what is declared once its deployment is known begins it anew.
        let log = try await patiently {
            let log = try await runtime.logs(deployment.instanceID, nil, lines: 100)
            return log.contains { $0.contains("tinyapp.py") } ? log : nil
        }
        #expect(log.allSatisfy { !$0.contains("\u{1B}") })
    }

    @Test func isUnreadyWhileUnhealthyAndRecovers() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build")
        let ready = try await settled(deployment, runtime, world)
        let name = world.name(of: deployment)
        world.serve.change { $0.applications[name]?.states = ["unhealthy"] }
        let unready = try await runtime.until(deployment, ready.handle) { $0.state != .ready }
        guard case .unready(let failure) = unready.state else {
            Issue.record("\(unready)")
            return
        }
        #expect(failure.message.contains("health check failed"))
        world.serve.change { $0.applications[name]?.states = ["unhealthy_replaced", "healthy_again"] }
        let again = try await runtime.untilReady(deployment, unready.handle)
        #expect(RayHandle(again.handle)?.unreadySince == nil)
    }

    @Test func doesNotStayUnreadyForEver() async throws {
        let world = try await RayWorld()
        let time = ManualTime()
        let runtime = world.runtime(now: { time.now })
        let deployment = world.deployment("chat:build") { $0.startSeconds = 60 }
        let ready = try await settled(deployment, runtime, world)
        time.advance(by: .seconds(3600))
        world.serve.change { [name = world.name(of: deployment)] in $0.applications[name]?.states = ["unhealthy"] }
        let unready = try await runtime.until(deployment, ready.handle) { $0.state != .ready }
        time.advance(by: .seconds(60))
        let failure = try await runtime.untilFailed(deployment, unready.handle)
        #expect(failure.reason == .unhealthy)
    }

    /// Each write of anybody makes every application count as being deployed for a moment.
    @Test func staysReadyWhileOthersWrite() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build")
        let ready = try await settled(deployment, runtime, world)
        world.serve.change { [name = world.name(of: deployment)] in
            $0.applications[name]?.states = ["declared_again", "declared_again", "running"]
        }
        for _ in 0..<5 {
            #expect(try await runtime.observe(deployment, ready.handle).state == .ready)
            try await Task.sleep(for: .milliseconds(25))
        }
    }

    @Test func saysSoWhenRayIsAwayAndGoesOnWhenItIsBack() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build")
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        try await world.toggle(isThere: false)
        let failure = try await runtime.untilAway(deployment, ready.handle)
        #expect(failure.reason == .runtimeUnreachable)
        guard case .unavailable(let reason) = await runtime.probe() else {
            Issue.record("it is away")
            return
        }
        #expect(reason.contains("Ray does not answer"))
        await #expect(throws: Failure.self) { try await runtime.deploy(world.deployment("chat:build")) }
        await #expect(throws: Failure.self) { try await runtime.remove(deployment.instanceID, ready.handle) }
        await #expect(throws: Failure.self) { try await runtime.scale(deployment, ready.handle) }
        try await world.toggle(isThere: true)
        #expect(try await firstSight(of: deployment, ready.handle, runtime).state == .ready)
        #expect(await world.starts(of: deployment.instanceID) == 1)
    }

    /// What is seen once it is ready and nothing more is about to be declared.
    private func settled(
        _ deployment: Deployment, _ runtime: RayRuntime, _ world: RayWorld
    ) async throws -> Observation {
        let handle = try await declared(deployment, runtime, world)
        return try await runtime.untilReady(deployment, handle)
    }

    /// Deploys, and looks until nothing more is about to be declared.
    private func declared(
        _ deployment: Deployment, _ runtime: RayRuntime, _ world: RayWorld
    ) async throws -> RuntimeHandle {
        let handle = try await runtime.deploy(deployment)
        return try await runtime.until(deployment, handle) { _ in world.isSettled(deployment) }.handle
    }

    /// What is seen as soon as anything is again.
    private func firstSight(
        of deployment: Deployment, _ handle: RuntimeHandle, _ runtime: RayRuntime
    ) async throws -> Observation {
        try await runtime.until(deployment, handle, mayBeAway: true) { _ in true }
    }

    @Test func doesNotCountTheTimeForWhichRayIsAway() async throws {
        let world = try await RayWorld()
        let time = ManualTime()
        let runtime = world.runtime(now: { time.now })
        let deployment = world.deployment("never:build") { $0.startSeconds = 100 }
        let handle = try await runtime.deploy(deployment)
        let starting = try await runtime.until(deployment, handle) { $0.state == .starting }
        try await world.toggle(isThere: false)
        _ = try await runtime.untilAway(deployment, starting.handle)
        time.advance(by: .seconds(1000))
        try await world.toggle(isThere: true)
        let again = try await firstSight(of: deployment, starting.handle, runtime)
        #expect(again.state == .starting)
        time.advance(by: .seconds(101))
        let failure = try await runtime.untilFailed(deployment, again.handle)
        #expect(failure.reason == .neverHealthy)
    }

    /// All applications are gone then, those of others too; it is not ours to bring those back.
    @Test func deploysAgainAfterRayWasStartedAnew() async throws {
        let world = try await RayWorld()
        world.addForeign("theirs")
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build")
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        world.serve.change { state in
            state.applications = [:]
            state.settings = nil
        }
        let failure = try await runtime.untilFailed(deployment, ready.handle)
        #expect(failure.reason == .removedFromCluster)
        try await runtime.untilGone(deployment.instanceID, ready.handle)
        _ = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        #expect(world.serve.names == [world.name(of: deployment)])
    }

    @Test func takesNothingThatIsNotItsOwn() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build")
        // Of the name that the instance's would have, without our mark.
        world.addForeign(world.name(of: deployment))
        let failure = await #expect(throws: Failure.self) { try await runtime.deploy(deployment) }
        #expect(failure?.reason == .nameTaken)
        #expect(try await runtime.remove(deployment.instanceID, nil) == .gone)
        #expect(await runtime.deployed().isEmpty)
        #expect(world.serve.names == [world.name(of: deployment)])
        #expect(world.serve.change { $0.writes.isEmpty })
    }

    @Test func listsWhatThisInstallationHas() async throws {
        let world = try await RayWorld()
        let other = world.runtime { $0.installation = "test-two" }
        let runtime = world.runtime()
        let (mine, theirs) = (world.deployment("chat:build"), world.deployment("chat:build"))
        _ = try await runtime.untilReady(mine, try await runtime.deploy(mine))
        _ = try await other.untilReady(theirs, try await other.deploy(theirs))
        #expect(await runtime.deployed().map(\.instanceID) == [mine.instanceID])
        #expect(await other.deployed().map(\.instanceID) == [theirs.instanceID])
        #expect(try await runtime.remove(theirs.instanceID, nil) == .gone)
        #expect(world.serve.names.count == 2)
    }

    @Test func saysWhatRayRefuses() async throws {
        let world = try await RayWorld()
        let text = try Recording.text("refused_working_dir.txt")
        world.serve.change { $0.refusal = (.badRequest, text) }
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build")
        let failure = try await runtime.untilFailed(deployment, try await runtime.deploy(deployment))
        #expect(failure.reason == .deployRefused)
        #expect(failure.message.contains("Expected URI but received path"))
        try await runtime.untilGone(deployment.instanceID, nil)
    }

    @Test func failsForAModelFileThatIsNotThere() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build").with(fileURL: "file:///nowhere/weights.bin")
        let failure = try await runtime.untilFailed(deployment, try await runtime.deploy(deployment))
        #expect(failure.reason == .modelFileMissing)
        #expect(world.serve.change { $0.writes.isEmpty })
        try await runtime.untilGone(deployment.instanceID, nil)
    }

    @Test func fetchesNoFileThatNobodyAsksFor() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build") { $0.applicationArguments = nil }
            .with(fileURL: "file:///nowhere/weights.bin")
        _ = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        #expect(world.serve.configuration(world.name(of: deployment))?["args"] == nil)
    }

    /// Running instances are not looked at by themselves.
    @Test func tellsThatARunningOneChanged() async throws {
        let world = try await RayWorld()
        let runtime = world.runtime()
        let deployment = world.deployment("chat:build")
        _ = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        var changes = runtime.changes().makeAsyncIterator()
        // What was told while it came up.
        while await runtime.isQuiet == false { _ = await changes.next() }
        try await world.killEngine(of: deployment.instanceID)
        while let service = await changes.next() {
            if service == deployment.serviceID { return }
        }
    }
}

extension RayRuntime {
    fileprivate var isQuiet: Bool { watched.values.allSatisfy { $0.told?.state == .ready } }
}

extension Deployment {
    fileprivate func with(replicas: Int? = nil, fileURL: String? = nil) -> Deployment {
        let model = ResolvedModel(
            modelID: model.modelID, version: model.version, fileURL: fileURL ?? model.fileURL,
            sha256: fileURL == nil
                ? model.sha256 : String(repeating: "0", count: 64))
        return Deployment(
            serviceID: serviceID, serviceName: serviceName, instanceID: instanceID, revision: revision, model: model,
            requirements: requirements, replicas: replicas ?? self.replicas, engine: engine, options: options)
    }
}
