import Cryptography
import Domain
import EventLoop
import FoundationEssentials
import HTTP
import HTTPClient
import ModelServingCore
import RuntimeConformance
import Subprocess
import Testing

@testable import ProcessRuntime

/// What can go wrong with one engine, each with a process that does it.
@Suite(.timeLimit(.minutes(5))) struct EngineFailureTests {
    let world: EngineWorld
    let runtime: ProcessRuntime

    init() throws {
        world = try EngineWorld()
        runtime = world.runtime()
    }

    @Test func saysBothDigestsOfAFileThatIsNotTheRegisteredOne() async throws {
        let registered = String(repeating: "0", count: 64)
        let deployment = world.deployment(EngineWorld.definition("true"), sha256: registered)
        let failure = try await failure(of: deployment)
        #expect(failure.reason == .digestMismatch)
        #expect(failure.message.contains(registered) && failure.message.contains(SHA256.hash("weights").hex))
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(world.folder)/data/models").isEmpty)
    }

    @Test func saysWhichCommandDoesNotExist() async throws {
        let failure = try await failure(of: world.deployment(EngineWorld.definition("no-such-engine", "{port}")))
        #expect(failure.reason == .commandNotFound)
        #expect(failure.message.contains("no-such-engine"))
    }

    @Test func saysWhichPortIsInUse() async throws {
        let listener = try await world.deployment(.healthy)
        let handle = try await runtime.deploy(listener)
        let ready = try await runtime.untilReady(listener, handle)
        let port = try #require(ready.url.flatMap { HTTPOrigin($0) }?.port)
        let failure = try await failure(
            of: world.deployment(EngineWorld.definition("python3", "engine.py", "{port}", port: port)))
        #expect(failure == Failure(.portInUse, failure.message))
        #expect(failure.message.contains("\(port)"))
        // An engine that takes another port than it was given, and says so in its log.
        let stubborn = EngineWorld.definition("python3", "engine.py", "\(port)")
        let second = try await self.failure(of: world.deployment(stubborn))
        #expect(second.reason == .portInUse)
        try await runtime.untilGone(listener.instanceID, ready.handle)
    }

    @Test func quotesTheLastWordsOfAnEngineThatEnds() async throws {
        let failure = try await failure(of: world.deployment(.endsAtOnce))
        #expect(failure.message.contains("exit status 7") && failure.message.contains("out of memory"))
    }

    @Test func stopsWhereAnActionBeforeTheStartFails() async throws {
        let text = """
            models:
              - name: tiny
                model_path: /models
                service:
                  pre_start_actions:
                    - {action: mkdir, args: {path: /made}}
                    - {action: log, args: {message: before}}
                    - {action: write_tempfile, args: {body: "import sys; print('action', sys.argv[1]); sys.exit(5)"}}
                    - {action: run_command, args: {command: [python3, "{tempfile}", "{model_name}"]}}
                    - {action: log, args: {message: after}}
                  start_command: [touch, started]
            """
        let deployment = world.deployment(text)
        let failure = try await failure(of: deployment)
        #expect(failure.reason == .preStartActionFailed)
        #expect(failure.message.contains("action 4") && failure.message.contains("exit status 5"))
        let log = try await runtime.logs(deployment.instanceID, nil, lines: 10)
        #expect(log == ["before", "action tiny"])
    }

    @Test func givesAnEngineItsFileItsPortAndNoSecret() async throws {
        let world = world
        let runtime = world.runtime { settings in
            settings.environment["SLIPWAY_ADMIN_KEY"] = "secret"
            settings.environment["DAPR_API_TOKEN"] = "secret"
            settings.environment["HF_HOME"] = "/hf"
        }
        let definition = EngineWorld.definition(
            "sh", "-c", "env; pwd; cat '{model_file}' $MODEL_FILE 2>/dev/null; exec python3 engine.py {port}")
        let deployment = world.deployment(definition)
        let handle = try await runtime.deploy(deployment)
        let ready = try await runtime.untilReady(deployment, handle)
        let log = try await runtime.logs(deployment.instanceID, ready.handle, lines: 100)
        #expect(!log.contains { $0.contains("secret") })
        #expect(log.contains("HF_HOME=/hf"))
        #expect(log.contains("SLIPWAY_INSTANCE_ID=\(deployment.instanceID)"))
        #expect(log.contains { $0.hasPrefix("MODEL_FILE=") && $0.hasSuffix("models/tiny model.bin") })
        #expect(log.contains { ready.url?.hasSuffix($0.dropFirst(5)) == true && $0.hasPrefix("PORT=") })
        #expect(log.contains { $0.hasPrefix("weights") })
        #expect(log.contains { $0.contains("/instances/\(deployment.instanceID)/work-") })
        try await runtime.untilGone(deployment.instanceID, ready.handle)
        #expect(try await !runtime.logs(deployment.instanceID, nil, lines: 1).isEmpty, "the log outlives the engine")
    }

    @Test func endsAnEngineThatDoesNotListenToSIGTERM() async throws {
        let definition = EngineWorld.definition(
            "sh", "-c", "trap '' TERM; python3 engine.py {port} & while :; do sleep 0.2; done")
        let runtime = world.runtime { $0.grace = .milliseconds(300) }
        let deployment = world.deployment(definition)
        let ready = try await runtime.untilReady(deployment, try await runtime.deploy(deployment))
        try await runtime.untilGone(deployment.instanceID, ready.handle)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
    }

    @Test func refusesOnePortForSeveralReplicas() {
        let deployment = world.deployment(EngineWorld.definition("true", port: 8000))
        let fixed = deployment.model
        var configuration = deployment.configuration(for: .process)
        #expect(runtime.problems(with: fixed, configuration).isEmpty)
        configuration.replicas = 2
        #expect(
            runtime.problems(with: fixed, configuration).map(\.field) == ["model_definition/models/0/service/port"])
        let without = ResolvedModel(modelID: fixed.modelID, version: 3, fileURL: "file:///a", sha256: "")
        let problems = runtime.problems(with: without, deployment.configuration(for: .process))
        #expect(problems.map(\.field) == ["model_definition"])
    }

    private func failure(of deployment: Deployment) async throws -> Failure {
        let handle = try await runtime.deploy(deployment)
        let failure = try await runtime.untilFailed(deployment, handle)
        try await runtime.untilGone(deployment.instanceID, handle)
        #expect(await !world.hasLeftovers(of: deployment.instanceID))
        return failure
    }
}
