import Foundation
import TestSupport

/// Kills and pauses processes at random, and starts again what it killed.
struct ChaosMonkey: Sendable {
    let scenario: ServingScenario
    let database: OwnPostgreSQL

    /// - Returns: how often it did what.
    func run(seed: UInt64, until end: ContinuousClock.Instant) async throws -> [String: Int] {
        var generator = SeededGenerator(seed: seed)
        var faults: [String: Int] = [:]
        while ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(.random(in: 200...1500, using: &generator)))
            let fault = try await disturb(&generator)
            faults[fault, default: 0] += 1
        }
        return faults
    }

    private func disturb(_ generator: inout SeededGenerator) async throws -> String {
        let members: [ControlPlaneStack.Member] = [
            .serving, .serving, .secondServing, .secondServing, .resources, .models, .sidecar,
        ]
        let member = members[Int.random(in: members.indices, using: &generator)]
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<6:
            _ = try await scenario.stack.end(member, by: SIGKILL)
            try await Task.sleep(for: .milliseconds(.random(in: 0...500, using: &generator)))
            try scenario.stack.start(member)
            return "\(member.rawValue) killed"
        case 6..<8:
            try scenario.stack.send(SIGSTOP, to: member)
            try await Task.sleep(for: .milliseconds(.random(in: 100...3000, using: &generator)))
            try scenario.stack.send(SIGCONT, to: member)
            return "\(member.rawValue) paused"
        case 8:
            try database.kill()
            try await Task.sleep(for: .milliseconds(.random(in: 0...1000, using: &generator)))
            try database.start()
            return "PostgreSQL killed"
        default:
            scenario.killEngines()
            return "engines killed"
        }
    }
}
