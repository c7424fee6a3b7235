import Foundation
import HTTP
import JSON
import TestSupport
import Testing

/// Clients, two replicas of ModelServing, and faults at random; in the end everything that was acknowledged is true,
/// and nothing else is held.
///
/// `SLIPWAY_CHAOS_SECONDS` makes it longer, `SLIPWAY_CHAOS_SEED` repeats the plan of an earlier run.
@Suite(.serialized, .timeLimit(.minutes(120)))
struct ChaosTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seconds = environment["SLIPWAY_CHAOS_SECONDS"].flatMap { Int($0) } ?? 15
    private static let seed = environment["SLIPWAY_CHAOS_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64.max)
    private static let clients = 4

    @Test func keepsItsWordWhateverIsKilled() async throws {
        print("chaos: SLIPWAY_CHAOS_SEED=\(Self.seed) for \(Self.seconds) s")
        let database = try OwnPostgreSQL()
        try await ServingScenario.run(ServingScenario.members + [.secondServing], database: database) { scenario in
            try await scenario.pool("more-cpu", "CPU", 8000)
            try await scenario.pool("more-memory", "Memory", 4096)
            let model = try await scenario.model(scenario.definition())
            let end = ContinuousClock.now + .seconds(Self.seconds)
            let clients = (0..<Self.clients).map { ChaosClient(scenario: scenario, model: model, number: $0) }
            async let faults = ChaosMonkey(scenario: scenario, database: database).run(seed: Self.seed, until: end)
            let results = try await withThrowingTaskGroup(
                of: (owned: [ChaosClient.Owned], deleted: [String], requests: Int).self
            ) { group in
                for client in clients {
                    group.addTask { try await client.run(seed: Self.seed &+ UInt64(client.number) &+ 1, until: end) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let requests = results.reduce(0) { $0 + $1.requests }
            let counts = try await faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            print("chaos: \(requests) requests; \(counts.joined(separator: ", "))")

            let owned = results.flatMap(\.owned)
            try await expectTruth(owned, results.flatMap(\.deleted), scenario)
            for service in owned { try await clients[0].delete(service) }
            for service in owned { try await scenario.untilGone(service.path) }
            try await scenario.expectNothingHeld("everything is deleted")
            try await scenario.expectConsistency()
        }
    }

    private func expectTruth(
        _ owned: [ChaosClient.Owned], _ deleted: [String], _ scenario: ServingScenario
    ) async throws {
        for path in deleted { try await scenario.untilGone(path) }
        // Of engines that were killed last it is said that they run, until they are looked at again.
        let clock = ContinuousClock()
        let end = clock.now + ServingScenario.deadline
        var replicas = try await settledReplicas(owned, scenario)
        while scenario.engines.count != replicas, clock.now < end {
            try await clock.sleep(for: .milliseconds(50))
            replicas = try await settledReplicas(owned, scenario)
        }
        #expect(scenario.engines.count == replicas)
        #expect(try await scenario.heldCapacity() == Int64(replicas) * 564)
        let listed = try await scenario.stack.send(.get, "/model_services?page_size=500", of: .serving).json
        let ids = Set(listed["model_services"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? [])
        #expect(ids == Set(owned.map { String($0.path.split(separator: "/").last ?? "") }))
        try await scenario.expectConsistency()
    }

    /// Waits until each service is as it was left.
    /// - Returns: how many replicas are said to be ready.
    private func settledReplicas(_ owned: [ChaosClient.Owned], _ scenario: ServingScenario) async throws -> Int {
        var replicas = 0
        for service in owned {
            try await scenario.until(service.path) { answer in
                // One that is being drained still has its engine, and its capacity.
                let phases = answer["instances"]?.arrayValue?.map { $0["phase"]?.stringValue ?? "" } ?? []
                guard Set(phases).isSubset(of: ["running", "stopped", "error"]) else { return false }
                return switch answer["status"]?.stringValue {
                case "running": answer["ready_replicas"]?.integerValue == Int64(service.replicas)
                case "stopped": service.replicas == 0
                case "error": answer["operator_action"]?.stringValue?.isEmpty == false
                default: false
                }
            }
            let settled = try await scenario.stack.send(.get, service.path, of: .serving).json
            replicas += Int(settled["ready_replicas"]?.integerValue ?? 0)
        }
        return replicas
    }
}
