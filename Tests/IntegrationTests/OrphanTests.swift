import Foundation
import HTTP
import JSON
import Subprocess
import TestSupport
import Testing

/// What belongs to nobody is found by the sweep of the real processes, and given back.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct OrphanTests {
    private static let stranger = "01890000-0000-7000-8000-00000000000a"

    @Test func givesBackWhatNobodyHolds() async throws {
        try await ServingScenario.run { scenario in
            let path = try await scenario.service("chat", of: try await scenario.model(scenario.definition()))
            let service = try await scenario.until("running", path)
            let instance = try #require(service["instances"]?.arrayValue?.first?["id"]?.stringValue)

            // Capacity for an instance that was never there, as a process that woke up late would take it.
            try await claim(Self.stranger, scenario)
            try await until { try await scenario.heldCapacity() == 564 }

            // Capacity taken from an instance that runs.
            let gone = try await scenario.stack.send(.delete, "/resource_claims/\(instance)", of: .resources)
            #expect(gone.status == 204)
            try await until { try await scenario.heldCapacity() == 564 }

            // An engine of an instance that was never there, found by what its environment says.
            let engine = try orphanEngine(like: instance, scenario)
            try await until { !ProcessTable.isAlive(engine) }

            #expect(scenario.engines == [instance])
            try await scenario.expectConsistency()
            for kind in ["orphan_claim", "missing_claim", "orphan_deployment"] {
                // The engine is gone a moment before the sweep knows it.
                try await until {
                    let metrics = try await scenario.stack.page("/metrics", of: .serving)
                    return metrics.contains("slipway_holding_orphans_total{kind=\"\(kind)\"} 1")
                }
            }
            try await scenario.delete(path)
            try await scenario.untilGone(path)
        }
    }

    private func claim(_ instance: String, _ scenario: ServingScenario) async throws {
        let body: JSONValue = [
            "service_id": .string(Self.stranger), "instance_id": .string(instance),
            "resource_requirements": ["cpu": "250m"],
        ]
        let answer = try await scenario.stack.send(.put, "/resource_claims/\(instance)", of: .resources, body)
        #expect(answer.status == 201)
        #expect(try await scenario.heldCapacity() == 814)
    }

    /// A process with the marks of an engine, but for the instance.
    private func orphanEngine(like instance: String, _ scenario: ServingScenario) throws -> ProcessIdentity {
        let like = try #require(
            ProcessTable.processes(withVariable: "SLIPWAY_INSTANCE_ID").first { $0.value == instance }?.process)
        let environment = try String(contentsOfFile: "/proc/\(like.pid)/environ", encoding: .utf8)
        var variables: [String: String] = [:]
        for pair in environment.split(separator: "\0") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            variables[String(parts[0])] = String(parts.last ?? "")
        }
        variables["SLIPWAY_INSTANCE_ID"] = Self.stranger
        return try SpawnRequest(
            arguments: ["sleep", "300"], environment: variables, workingDirectory: scenario.stack.folder,
            outputFile: "\(scenario.stack.folder)/orphan.log"
        ).spawn()
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let end = clock.now + ServingScenario.deadline
        while try await !condition() {
            try #require(clock.now < end, "nobody swept")
            try await clock.sleep(for: .milliseconds(50))
        }
    }
}
