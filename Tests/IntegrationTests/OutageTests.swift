import Foundation
import HTTP
import JSON
import TestSupport
import Testing

/// While the sidecar or the database is away, requests are told to come back, and nothing is half-written.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct OutageTests {
    enum Outage: String, CaseIterable, Sendable {
        case sidecarKilled, databaseKilled, databasePaused
    }

    private static let members: [ControlPlaneStack.Member] = [.models, .resources, .serving]

    /// Each on a control plane of its own, side by side: they mostly wait.
    @Test func tellsToComeBackAndGoesOnByItself() async throws {
        try await withThrowingTaskGroup { group in
            for outage in Outage.allCases { group.addTask { try await outlive(outage) } }
            try await group.waitForAll()
        }
    }

    private func outlive(_ outage: Outage) async throws {
        let database = try OwnPostgreSQL()
        try await ServingScenario.run(database: database) { scenario in
            let model = try await scenario.model(scenario.definition())
            let path = try await scenario.service("before", of: model)
            try await scenario.until("running", path)

            try await begin(outage, scenario, database)
            try await ofEach { member in
                try await until(503, "/readyz", of: member, scenario)
                #expect(try await scenario.stack.send(.get, "/healthz", of: member).status == 200, "\(outage)")
            }
            for attempt in 1...3 {
                // At once: each waits for as long as the sidecar waits for a database that does not answer.
                async let creation = scenario.stack.send(
                    .post, "/model_services", of: .serving, body("during-\(attempt)", model))
                let deletion = try await scenario.stack.send(.delete, path, of: .serving)
                let refused = try await creation
                #expect(refused.status == 503 && refused.fields["Retry-After"] != nil, "\(outage): \(refused.json)")
                #expect(deletion.status == 503 && deletion.fields["Retry-After"] != nil, "\(outage): \(deletion.json)")
            }
            #expect(scenario.engines.count == 1, "\(outage): what runs goes on")
            try end(outage, scenario, database)

            try await ofEach { try await until(200, "/readyz", of: $0, scenario) }
            let after = try await creation(of: body("after", model), scenario)
            #expect(after.status == 202)
            let created = try #require(after.fields["Location"])
            try await scenario.until("running", created)
            let names = try await scenario.stack.send(.get, "/model_services", of: .serving)
                .json["model_services"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
            #expect(names == ["before", "after"], "\(outage): what was refused did not happen")
            try await scenario.expectConsistency()
            for path in [path, created] {
                try await scenario.delete(path)
                try await scenario.untilGone(path)
            }
            try await scenario.expectNothingHeld("\(outage): deleted")
        }
    }

    private func ofEach(
        _ look: @escaping @Sendable (ControlPlaneStack.Member) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            for member in Self.members { group.addTask { try await look(member) } }
            try await group.waitForAll()
        }
    }

    private func begin(_ outage: Outage, _ scenario: ServingScenario, _ database: OwnPostgreSQL) async throws {
        switch outage {
        case .sidecarKilled: _ = try await scenario.stack.end(.sidecar, by: SIGKILL)
        case .databaseKilled: try database.kill()
        case .databasePaused: try database.pause()
        }
    }

    private func end(_ outage: Outage, _ scenario: ServingScenario, _ database: OwnPostgreSQL) throws {
        switch outage {
        case .sidecarKilled: try scenario.stack.start(.sidecar)
        case .databaseKilled: try database.start()
        case .databasePaused: try database.resume()
        }
    }

    private func body(_ name: String, _ model: String) -> JSONValue {
        [
            "name": .string(name), "model_id": .string(model),
            "resource_requirements": ["cpu": "500m", "memory": "64Mi"],
        ]
    }

    /// As by a client that comes back when it is told to: each process finds out by itself that its store answers
    /// again, and two of them are asked.
    private func creation(
        of body: JSONValue, _ scenario: ServingScenario
    ) async throws -> ControlPlaneStack.Answer {
        let clock = ContinuousClock()
        let end = clock.now + ServingScenario.deadline
        while true {
            let answer = try await scenario.stack.send(.post, "/model_services", of: .serving, body)
            guard answer.status == 503, clock.now < end else { return answer }
            #expect(answer.fields["Retry-After"] != nil)
            try await clock.sleep(for: .milliseconds(200))
        }
    }

    private func until(
        _ status: Int, _ target: String, of member: ControlPlaneStack.Member, _ scenario: ServingScenario
    ) async throws {
        let clock = ContinuousClock()
        let end = clock.now + ServingScenario.deadline
        while try await scenario.stack.send(.get, target, of: member).status != status {
            try #require(clock.now < end, "\(member.rawValue)\(target) does not answer \(status)")
            try await clock.sleep(for: .milliseconds(50))
        }
    }
}
