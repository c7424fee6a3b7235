import Foundation
import HTTP
import JSON
import Subprocess
import TestSupport
import Testing

/// Two ModelServing processes share the work of one control plane, and either of them may die or be held up.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ReplicaTests {
    static let members = ServingScenario.members + [.secondServing]
    static let replicas: [ControlPlaneStack.Member] = [.serving, .secondServing]
    static let shards = 64.0

    @Test func takeOverFromOneThatDiesWhileEnginesAnswer() async throws {
        try await ServingScenario.run(Self.members) { scenario in
            try await untilBothShare(scenario)
            let paths = try await services(6, scenario)
            for path in paths { try await scenario.until("running", path) }
            let urls = try await urls(scenario)
            #expect(urls.count == 6)
            let asking = Task {
                var failure: String?
                while failure == nil, !Task.isCancelled {
                    for url in urls {
                        do { _ = try await scenario.stack.text(at: url) } catch { failure = "\(error)" }
                    }
                }
                return (failure: failure, wasCancelled: Task.isCancelled)
            }
            _ = try await scenario.stack.end(.secondServing, by: SIGKILL)
            try await untilHeld(Self.shards, by: .serving, scenario)
            #expect(try #require(await scenario.stack.metric("slipway_lease_takeovers_total", of: .serving)) > 0)
            #expect(try await self.urls(scenario) == urls)
            asking.cancel()
            let asked = await asking.value
            #expect(asked.wasCancelled, "\(asked.failure ?? "")")

            // Somebody looks after the engines of the dead one too.
            scenario.killEngines()
            for path in paths { try await scenario.until(path) { $0["status"] != "running" } }
            for path in paths { try await scenario.until("running", path) }
            #expect(scenario.engines.count == 6)

            try scenario.stack.start(.secondServing)
            try await untilBothShare(scenario)
            try await end(paths, scenario)
        }
    }

    /// Each hands its share to the other at once, rather than when its leases have expired.
    @Test func handOverInAnOrderlyEnd() async throws {
        try await ServingScenario.run(Self.members) { scenario in
            try await untilBothShare(scenario)
            let path = try await scenario.service("chat", of: try await scenario.model(scenario.definition()))
            try await scenario.until("running", path)
            #expect(try await scenario.stack.end(.secondServing, by: SIGTERM) == .code(0))
            try await untilHeld(Self.shards, by: .serving, scenario)
            #expect(await scenario.stack.metric("slipway_lease_takeovers_total", of: .serving) == 0)
            #expect(await scenario.stack.metric("slipway_lease_losses_total", of: .serving) == 0)
            try await end([path], scenario)
        }
    }

    /// Everything that it knew has changed when it wakes up.
    @Test func doNoHarmWhenTheyWakeUpLate() async throws {
        try await ServingScenario.run(Self.members) { scenario in
            try await untilBothShare(scenario)
            let paths = try await services(6, scenario)
            for path in paths { try await scenario.until("running", path) }
            try scenario.stack.send(SIGSTOP, to: .secondServing)
            try await untilHeld(Self.shards, by: .serving, scenario)
            let (gone, kept) = (paths.prefix(3), Array(paths.dropFirst(3)))
            for path in gone { try await scenario.delete(path) }
            for path in kept {
                let answer = try await scenario.stack.send(.put, path, of: .serving, ["replicas": 2])
                #expect(answer.status == 200, "\(answer.json)")
            }
            for path in gone { try await scenario.untilGone(path) }
            for path in kept { try await scenario.until(path) { $0["ready_replicas"] == 2 } }
            #expect(scenario.engines.count == 6)
            let urls = try await urls(scenario)

            try scenario.stack.send(SIGCONT, to: .secondServing)
            try await untilBothShare(scenario)
            #expect(try #require(await scenario.stack.metric("slipway_lease_losses_total", of: .secondServing)) > 0)
            #expect(scenario.engineProcesses == 6)
            #expect(try await self.urls(scenario) == urls)
            for path in kept { try await scenario.until("running", path) }
            try await end(kept, scenario)
        }
    }

    /// Held up anywhere between the wish and the running engine, and back when another has done the rest.
    @Test func leaveOneEngineWhenHeldUpInTheMiddleOfAStart() async throws {
        try await ServingScenario.run(Self.members) { scenario in
            var generator = SeededGenerator(seed: 5)
            let model = try await scenario.model(scenario.definition())
            for round in 0..<4 {
                try await untilBothShare(scenario)
                var paths: [String] = []
                for number in 0..<8 {
                    paths.append(try await scenario.service("r\(round)-\(number)", of: model, Self.small))
                }
                try await Task.sleep(for: .milliseconds(.random(in: 0...1200, using: &generator)))
                try scenario.stack.send(SIGSTOP, to: .secondServing)
                for path in paths { try await scenario.until("running", path) }
                try scenario.stack.send(SIGCONT, to: .secondServing)
                try await untilBothShare(scenario)
                for path in paths { try await scenario.until("running", path) }
                #expect(scenario.engineProcesses == 8, "round \(round)")
                try await end(paths, scenario)
            }
        }
    }

    // MARK: Parts

    static let small: [(String, JSONValue)] = [("resource_requirements", ["cpu": "100m", "memory": "16Mi"])]

    private func services(_ count: Int, _ scenario: ServingScenario) async throws -> [String] {
        let model = try await scenario.model(scenario.definition())
        var paths: [String] = []
        for number in 0..<count { paths.append(try await scenario.service("s-\(number)", of: model, Self.small)) }
        return paths
    }

    private func end(_ paths: [String], _ scenario: ServingScenario) async throws {
        for path in paths { try await scenario.delete(path) }
        for path in paths { try await scenario.untilGone(path) }
        try await scenario.expectNothingHeld("deleted")
        try await scenario.expectConsistency()
    }

    /// Where requests are sent to, for all services.
    private func urls(_ scenario: ServingScenario) async throws -> Set<String> {
        let routes = try await scenario.stack.read("/routes", of: .serving).json["routes"]?.arrayValue ?? []
        let upstreams = routes.flatMap { $0["upstreams"]?.arrayValue ?? [] }
        return Set(upstreams.compactMap { $0["url"]?.stringValue })
    }

    private func untilBothShare(_ scenario: ServingScenario) async throws {
        var held: [Double] = []
        do {
            try await until("both share the work") {
                held = []
                for replica in Self.replicas {
                    held.append(await scenario.stack.metric("slipway_leases_held", of: replica) ?? -1)
                }
                return held.allSatisfy { $0 > 0 } && held.reduce(0, +) == Self.shards
            }
        } catch {
            for replica in Self.replicas {
                Issue.record("\(replica) of \(held): \(scenario.stack.log(of: replica))")
            }
            throw error
        }
    }

    private func untilHeld(
        _ count: Double, by replica: ControlPlaneStack.Member, _ scenario: ServingScenario
    ) async throws {
        try await until("\(replica) holds \(count)") {
            await scenario.stack.metric("slipway_leases_held", of: replica) == count
        }
    }

    private func until(_ what: String, _ condition: () async -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + ServingScenario.deadline
        while await !condition() {
            try #require(clock.now < end, "\(what)")
            try await clock.sleep(for: .milliseconds(50))
        }
    }
}
