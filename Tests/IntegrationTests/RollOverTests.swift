import Foundation
import HTTP
import JSON
import Subprocess
import Synchronization
import TestSupport
import Testing

/// With two gateways, no request fails while instances are replaced and gateways restarted.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct RollOverTests {
    private static let gateways: [ControlPlaneStack.Member] = [.gateway, .secondGateway]

    private final class Tally: Sendable {
        private let state = Mutex((answered: 0, failures: [String]()))

        var answered: Int { state.withLock { $0.answered } }
        var failures: [String] { state.withLock { $0.failures } }

        func note(_ gateway: ControlPlaneStack.Member, _ status: Int) {
            state.withLock { state in
                state.answered += 1
                if status != 200 { state.failures.append("\(gateway) answers \(status)") }
            }
        }

        func note(_ gateway: ControlPlaneStack.Member, _ error: any Error) {
            state.withLock { $0.failures.append("\(gateway): \(error)") }
        }
    }

    @Test func noRequestFailsWhileInstancesAndGatewaysAreReplaced() async throws {
        try await ServingScenario.run(ServingScenario.members + Self.gateways) { scenario in
            let model = try await scenario.model(scenario.definition())
            let path = try await scenario.service("chat", of: model, [("visibility", "public"), ("replicas", 2)])
            try await scenario.until("running", path)
            for gateway in Self.gateways {
                try await until { (try? await ask(gateway, "/", scenario)) == 200 }
            }
            let tally = Tally()
            let loading = Task {
                await withTaskGroup { group in
                    for caller in 0..<4 { group.addTask { await load(caller, scenario, tally) } }
                }
            }
            // Longer than an instance without a gateway would be left alone.
            let long = Task { try await ask(.gateway, "/sleep/6", scenario) }
            try await until { await scenario.stack.metric("slipway_gateway_routes", of: .gateway) == 1 }
            try await Task.sleep(for: .seconds(1))

            let change: JSONValue = ["resource_requirements": ["cpu": "400m", "memory": "64Mi"]]
            #expect(try await scenario.stack.send(.put, path, of: .serving, change).status == 200)
            try await scenario.until(path) { service in
                let instances = service["instances"]?.arrayValue ?? []
                let current = instances.filter { $0["revision"]?.integerValue == 2 && $0["status"] == "running" }
                let former = instances.filter { $0["revision"]?.integerValue == 1 && $0["status"] != "stopped" }
                return current.count == 2 && former.isEmpty
            }
            #expect(try await long.value == 200, "it began before the roll-over")

            #expect(try await scenario.stack.end(.secondGateway, by: SIGTERM) == .code(0))
            try scenario.stack.start(.secondGateway)
            try await scenario.stack.untilReady(.secondGateway)
            let before = tally.answered
            try await until { tally.answered > before + 50 }
            loading.cancel()
            await loading.value
            #expect(tally.failures.isEmpty, "of \(tally.answered)")
            try await scenario.delete(path)
            try await scenario.untilGone(path)
        }
    }

    @Test func aCanaryIsWeighedUntilItTakesOverOrIsRolledBack() async throws {
        try await ServingScenario.run { scenario in
            let model = try await scenario.model(scenario.definition())
            let path = try await scenario.service("chat", of: model, [("replicas", 2)])
            try await scenario.until("running", path)
            let stable = scenario.engines
            try await change(path, to: Self.canary(10), scenario)
            let tried = try await scenario.until("running", path)
            #expect(tried["ready_replicas"] == 3 && scenario.engines.isStrictSuperset(of: stable))
            let weights: JSONValue = [["revision": 1, "percent": 90], ["revision": 2, "percent": 10]]
            #expect(tried["traffic"] == weights)
            let told = try await route(scenario)?["traffic"]?["weights"]?.arrayValue
            #expect(told?.map { $0["revision"] } == [1, 2] && told?.map { $0["percent"] } == [90, 10])

            #expect(try await scenario.stack.send(.post, "\(path)/rollback", of: .serving).status == 202)
            try await scenario.until(path) { _ in scenario.engines == stable }
            #expect(try await route(scenario)?["traffic"] == nil)

            try await change(path, to: Self.canary(50), scenario)
            try await scenario.until("running", path)
            try await change(path, to: ["canary_percent": 100], scenario)
            let promoted = try await scenario.until("running", path)
            #expect(promoted["traffic"]?.arrayValue?.count == 1)
            try await scenario.until(path) { _ in scenario.engines.isDisjoint(with: stable) }
            #expect(try await route(scenario)?["traffic"] == nil)
            #expect(try await route(scenario)?["upstreams"]?.arrayValue?.count == 2)
            try await scenario.delete(path)
            try await scenario.untilGone(path)
        }
    }

    private static func canary(_ percent: Int64) -> JSONValue {
        ["resource_requirements": ["cpu": "400m", "memory": "64Mi"], "canary_percent": .integer(percent)]
    }

    private func change(_ path: String, to wanted: JSONValue, _ scenario: ServingScenario) async throws {
        let answer = try await scenario.stack.send(.put, path, of: .serving, wanted)
        #expect(answer.status == 200 && answer.json["status"] == "updating", "\(answer.json)")
    }

    private func route(_ scenario: ServingScenario) async throws -> JSONValue? {
        try await scenario.stack.send(.get, "/routes", of: .serving).json["routes"]?.arrayValue?.first
    }

    /// Asks one gateway after the other, as a client does that knows both: one that cannot be reached is passed over.
    private func load(_ caller: Int, _ scenario: ServingScenario, _ tally: Tally) async {
        var turn = caller
        while !Task.isCancelled {
            turn += 1
            let gateway = Self.gateways[turn % 2]
            do {
                tally.note(gateway, try await ask(gateway, "/sleep/0.05", scenario))
            } catch HTTPTransportError.connectFailed {
                continue
            } catch {
                if !Task.isCancelled { tally.note(gateway, error) }
            }
        }
    }

    private func ask(
        _ gateway: ControlPlaneStack.Member, _ target: String, _ scenario: ServingScenario
    ) async throws -> Int {
        try await scenario.stack.send(.get, "/services/chat\(target)", of: gateway).status
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + ServingScenario.deadline
        while try await !condition() {
            try #require(clock.now < end)
            try await clock.sleep(for: .milliseconds(50))
        }
    }
}
