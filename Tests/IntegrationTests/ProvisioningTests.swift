import Foundation
import HTTP
import JSON
import TestSupport
import Testing

/// From a registered model to an engine that answers, and back to nothing, with every process a real one.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ProvisioningTests {
    @Test func servesAddsAReplicaAndLeavesNothing() async throws {
        try await ServingScenario.run { scenario in
            let model = try await scenario.model(scenario.definition())
            let path = try await scenario.service("chat", of: model, [("visibility", "public")])
            let service = try await scenario.until("running", path)
            #expect(scenario.engines.count == 1)
            #expect(try await scenario.heldCapacity() == 564)
            let instance = try #require(service["instances"]?.arrayValue?.first)
            let url = try #require(instance["url"]?.stringValue)
            #expect(try await scenario.stack.text(at: url) == instance["id"]?.stringValue)

            let more = try await scenario.stack.send(.put, path, of: .serving, ["replicas": 2])
            #expect(more.status == 200)
            #expect(try await scenario.until("running", path)["ready_replicas"] == 2)
            #expect(scenario.engines.count == 2)
            #expect(try await scenario.heldCapacity() == 1128)
            let routes = try await scenario.stack.send(.get, "/routes", of: .serving).json["routes"]?.arrayValue
            #expect(routes?.first?["upstreams"]?.arrayValue?.count == 2)

            try await scenario.delete(path)
            try await scenario.untilGone(path)
            try await scenario.expectNothingHeld("deleted")

            let again = try await scenario.service("chat", of: model)
            let fresh = try await scenario.until("running", again)
            #expect(again != path && fresh["revision"] == 1 && fresh["visibility"] == "private")
            try await scenario.delete(again)
            try await scenario.untilGone(again)
        }
    }

    /// They present the admin key to each other then.
    @Test func servesAlsoWhereSidecarsHaveNoToken() async throws {
        try await ServingScenario.run(appToken: nil) { scenario in
            let model = try await scenario.model(scenario.definition())
            let path = try await scenario.service("chat", of: model)
            try await scenario.until("running", path)
            try await scenario.delete(path)
            try await scenario.untilGone(path)
            try await scenario.expectNothingHeld("deleted")
        }
    }

    /// What a user would expect to read for each way in which it cannot work.
    @Test func endsInAnErrorThatSaysWhatToDo() async throws {
        try await ServingScenario.run { scenario in
            let zeros = String(repeating: "0", count: 64)
            let good = scenario.definition()
            let port = scenario.stack.port(of: .resources)
            let huge: [(String, JSONValue)] = [("resource_requirements", ["cpu": 64])]
            let cases: [(name: String, model: String, more: [(String, JSONValue)], reason: String, words: [String])] = [
                (
                    "digest", try await scenario.model(good, sha256: zeros), [], "DigestMismatch",
                    [zeros, "\(scenario.stack.folder)/model.bin"]
                ),
                (
                    "file", try await scenario.model(good, sha256: zeros, url: "file:///no/such/file"), [],
                    "ModelFileMissing", ["/no/such/file"]
                ),
                (
                    "command", try await scenario.model(scenario.definition(["no-such-engine"])), [],
                    "CommandNotFound", ["no-such-engine"]
                ),
                (
                    "ends", try await scenario.model(scenario.definition(["sh", "-c", "echo no weights; exit 3"])), [],
                    "ExitedBeforeReady", ["exit status 3", "no weights"]
                ),
                (
                    "unhealthy", try await scenario.model(scenario.definition(delay: 1000, patience: 5)), [],
                    "NeverHealthy", ["/health", "503"]
                ),
                (
                    "port", try await scenario.model(scenario.definition(port: port)), [], "PortInUse", ["\(port)"]
                ),
                ("pool", try await scenario.model(good), huge, "CapacityExceeded", ["64000", "2000"]),
                (
                    "definition", try await scenario.model("models: [{name: a, servce: {}}]"), [],
                    "ModelDefinitionInvalid", ["servce", "model_path"]
                ),
            ]
            var paths: [String] = []
            for one in cases { paths.append(try await scenario.service(one.name, of: one.model, one.more)) }
            for (one, path) in zip(cases, paths) {
                let service = try await scenario.until("error", path)
                #expect(service["failure"]?["reason"]?.stringValue == one.reason)
                let message = service["failure"]?["message"]?.stringValue ?? ""
                for word in one.words { #expect(message.contains(word), "\(one.name): \(message)") }
                #expect(service["operator_action"]?.stringValue?.isEmpty == false)
                #expect(service["conditions"]?.arrayValue?.contains { $0["reason"]?.stringValue == one.reason } == true)
            }
            let refused = try await scenario.stack.send(
                .post, "/model_services", of: .serving,
                ["name": "version", "model_id": .string(try await scenario.model(good)), "version": 7])
            #expect(refused.status == 422 && refused.json["code"] == "model_not_found")
            try await scenario.expectNothingHeld("every service is given up")
        }
    }

    @Test func keepsEnginesAnsweringWhileModelServingIsKilled() async throws {
        try await ServingScenario.run { scenario in
            let path = try await scenario.service("chat", of: try await scenario.model(scenario.definition()))
            let service = try await scenario.until("running", path)
            let url = try #require(service["instances"]?.arrayValue?.first?["url"]?.stringValue)
            let routes = try await scenario.stack.send(.get, "/routes", of: .serving).json
            let asking = Task {
                var answers = 0
                do {
                    while true {
                        _ = try await scenario.stack.text(at: url)
                        answers += 1
                    }
                } catch {
                    return (answers: answers, end: "\(error)", wasCancelled: Task.isCancelled)
                }
            }
            for _ in 0..<3 {
                _ = try await scenario.stack.end(.serving, by: SIGKILL)
                _ = try await scenario.stack.text(at: url)
                try scenario.stack.start(.serving)
                try await scenario.stack.untilReady(.serving)
                for _ in 0..<10 {
                    #expect(try await scenario.stack.send(.get, path, of: .serving).json["status"] == "running")
                    #expect(try await scenario.stack.send(.get, "/routes", of: .serving).json == routes)
                }
            }
            asking.cancel()
            let asked = await asking.value
            #expect(asked.answers > 0)
            #expect(asked.wasCancelled, "\(asked.end)")

            _ = try await scenario.stack.end(.serving, by: SIGKILL)
            scenario.killEngines()
            try scenario.stack.start(.serving)
            try await scenario.stack.untilReady(.serving)
            try await scenario.until(path) { again in
                let instance = again["instances"]?.arrayValue?.first
                return again["status"] == "running" && instance?["restarts"] == 0
                    && instance?["start_time"] != service["instances"]?.arrayValue?.first?["start_time"]
            }
            try await scenario.delete(path)
            try await scenario.untilGone(path)
        }
    }

    @Test func settlesWheneverModelServingIsKilled() async throws {
        try await ServingScenario.run { scenario in
            let model = try await scenario.model(scenario.definition())
            var generator = SeededGenerator(seed: 7)
            for round in 0..<6 {
                let path = try await scenario.service("chat", of: model)
                try await Task.sleep(for: .milliseconds(.random(in: 0...400, using: &generator)))
                try await scenario.restart(.serving)
                if round % 2 == 0 {
                    try await scenario.until("running", path)
                    #expect(scenario.engines.count == 1)
                }
                try await scenario.stack.untilReady(.serving)
                try await scenario.delete(path)
                try await Task.sleep(for: .milliseconds(.random(in: 0...200, using: &generator)))
                try await scenario.restart(.serving)
                try await scenario.untilGone(path)
                try await scenario.expectNothingHeld("round \(round)")
            }
        }
    }

    @Test func goesOnByItselfWhenItsNeighboursAreBack() async throws {
        try await ServingScenario.run { scenario in
            let model = try await scenario.model(scenario.definition())
            _ = try await scenario.stack.end(.models, by: SIGKILL)
            let refused = try await scenario.stack.send(
                .post, "/model_services", of: .serving, ["name": "chat", "model_id": .string(model)])
            #expect(refused.status == 503 && refused.json["code"] == "model_management_unavailable")
            try scenario.stack.start(.models)
            try await scenario.stack.untilReady(.models)

            _ = try await scenario.stack.end(.resources, by: SIGKILL)
            let path = try await scenario.service("chat", of: model)
            let waiting = try await scenario.until("creating", path)
            #expect(waiting["instances"]?.arrayValue?.count == 1)
            try await scenario.until(path) { service in
                service["failure"]?["reason"] == "ResourceManagementUnavailable" && service["next_retry_at"] != nil
            }
            try scenario.stack.start(.resources)
            try await scenario.until("running", path)

            _ = try await scenario.stack.end(.resources, by: SIGKILL)
            try await scenario.delete(path)
            try await scenario.until(path) { $0["failure"]?["reason"] == "ResourceManagementUnavailable" }
            #expect(scenario.engines.isEmpty, "the engine is gone, though its capacity cannot be given back yet")
            try scenario.stack.start(.resources)
            try await scenario.untilGone(path)
            try await scenario.stack.untilReady(.resources)
            try await scenario.expectNothingHeld("deleted")
        }
    }

}
