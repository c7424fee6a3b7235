import Foundation
import HTTP
import JSON
import TestSupport
import Testing

/// Carries out cells of the crash matrix on one stack, each from nothing to nothing.
struct CrashMatrix: Sendable {
    let scenario: ServingScenario
    let database: OwnPostgreSQL
    let model: String

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: what is not as it should be after everything has settled.
    func run(_ cell: CrashCell) async throws {
        let name = "crash-\(UUID().uuidString.prefix(8).lowercased())"
        let path: String
        switch cell.step.job {
        case .provisioning:
            path = try await killing(cell) { try await create(name) }
            try await untilRunning(path)
            try await delete(path)
        case .deletion:
            path = try await create(name)
            try await untilRunning(path)
            try await killing(cell) { try await delete(path) }
        }
        try await expectGone(path)
    }

    /// Deletes the service at the very step at which it is being brought up.
    func deleteAt(_ moment: CrashCell.Moment, _ step: CrashCell.Step) async throws {
        let failpoints = scenario.stack.failpoints
        let failpoint = "\(moment.rawValue)-\(step.name)"
        try failpoints.arm(failpoint)
        defer { failpoints.disarm(failpoint) }
        async let created = create("deleted-\(UUID().uuidString.prefix(8).lowercased())")
        try await failpoints.reached(failpoint)
        guard let name = try await listed() else {
            // Nobody can delete what is not there yet, nor before its id is known.
            failpoints.disarm(failpoint)
            let path = try await created
            try await delete(path)
            return try await expectGone(path)
        }
        async let deletion: Void = delete("/model_services/\(name)")
        failpoints.disarm(failpoint)
        try await deletion
        let path = try await created
        try await expectGone(path)
    }

    private func expectGone(_ path: String) async throws {
        try await scenario.untilGone(path)
        try await expect(held: 0, engines: 0)
        try await scenario.expectConsistency()
    }

    /// The id of the only service, if it is there.
    private func listed() async throws -> String? {
        try await repeatedly {
            try? await scenario.stack.send(.get, "/model_services", of: .serving).json["model_services"]?.arrayValue
        }.first?["id"]?.stringValue
    }

    /// Kills the victim when ModelServing is at the cell's failpoint, which `request` leads to, and starts it again.
    private func killing<Answer: Sendable>(
        _ cell: CrashCell, _ request: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        let failpoints = scenario.stack.failpoints
        try failpoints.arm(cell.failpoint)
        defer { failpoints.disarm(cell.failpoint) }
        async let answer = request()
        try await failpoints.reached(cell.failpoint)
        try await kill(cell.victim)
        failpoints.disarm(cell.failpoint)
        try start(cell.victim)
        return try await answer
    }

    private func kill(_ victim: CrashCell.Victim) async throws {
        switch victim {
        case .serving: _ = try await scenario.stack.end(.serving, by: SIGKILL)
        case .resources: _ = try await scenario.stack.end(.resources, by: SIGKILL)
        case .models: _ = try await scenario.stack.end(.models, by: SIGKILL)
        case .sidecar: _ = try await scenario.stack.end(.sidecar, by: SIGKILL)
        case .database: try database.kill()
        }
    }

    private func start(_ victim: CrashCell.Victim) throws {
        switch victim {
        case .serving: try scenario.stack.start(.serving)
        case .resources: try scenario.stack.start(.resources)
        case .models: try scenario.stack.start(.models)
        case .sidecar: try scenario.stack.start(.sidecar)
        case .database: try database.start()
        }
    }

    // MARK: A client who does not give up

    private func create(_ name: String) async throws -> String {
        let body: JSONValue = [
            "name": .string(name), "model_id": .string(model),
            "resource_requirements": ["cpu": "500m", "memory": "64Mi"],
        ]
        return try await repeatedly { () -> String? in
            let answer = try? await scenario.stack.send(
                .post, "/model_services", of: .serving, body, fields: ["Idempotency-Key": name])
            guard let answer, answer.status == 202 else { return nil }
            return answer.fields["Location"]
        }
    }

    private func delete(_ path: String) async throws {
        try await repeatedly { () -> Void? in
            let answer = try? await scenario.stack.send(.delete, path, of: .serving)
            guard let answer, answer.status == 202 || answer.status == 404 else { return nil }
            return ()
        }
    }

    private func untilRunning(_ path: String) async throws {
        try await scenario.until("running", path)
        try await expect(held: 564, engines: 1)
    }

    private func expect(held: Int64, engines: Int) async throws {
        let found = try await scenario.heldCapacity()
        guard found == held else { throw Unexpected(description: "\(found) is held instead of \(held)") }
        let running = scenario.engines.count
        guard running == engines else { throw Unexpected(description: "\(running) engines instead of \(engines)") }
    }

    private func repeatedly<Value>(_ attempt: () async throws -> Value?) async throws -> Value {
        let clock = ContinuousClock()
        let end = clock.now + ServingScenario.deadline
        while clock.now < end {
            if let value = try await attempt() { return value }
            try await clock.sleep(for: .milliseconds(20))
        }
        throw Unexpected(description: "no answer within \(ServingScenario.deadline)")
    }
}
