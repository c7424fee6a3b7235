import Foundation
import HTTP
import JSON
import Subprocess
import TestSupport
import Testing

/// Rules that are changed at one service and obeyed by all, as processes that are killed and cut off from their store.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct AccessRulesTests {
    /// How soon a change must be seen everywhere.
    private static let visibility = Duration.seconds(2)
    private static let members: [ControlPlaneStack.Member] = [.sidecar, .models, .resources, .serving, .secondServing]
    private static let services = members.dropFirst()

    @Test func aChangeAtOneServiceIsObeyedByAllWithinTwoSeconds() async throws {
        try await ControlPlaneStack.run(Self.members) { stack in
            for (round, server) in Self.services.enumerated() {
                let subject = "user-\(round)"
                for other in Self.services { #expect(try await isAllowed(subject, other, stack) == false) }
                let clock = ContinuousClock()
                let policy: JSONValue = ["sub": .string(subject), "obj": "models/{id}", "act": "model:get"]
                let made = try await stack.send(.post, "/policies", of: server, policy)
                #expect(made.status == 201)
                let end = clock.now + Self.visibility
                #expect(try await isAllowed(subject, server, stack), "its own change at once")
                for other in Self.services { try await until(true, subject, other, stack, end) }
                let id = try #require(made.json["id"]?.stringValue)
                #expect(try await stack.send(.delete, "/policies/\(id)", of: server).status == 204)
                let gone = clock.now + Self.visibility
                for other in Self.services { try await until(false, subject, other, stack, gone) }
            }
        }
    }

    @Test func outlivesServicesAndTheStore() async throws {
        let database = try OwnPostgreSQL()
        try await ControlPlaneStack.run(database: database) { stack in
            let binding: JSONValue = ["sub": "alice", "role": "role:model-reader"]
            #expect(try await stack.send(.post, "/role_bindings", of: .models, binding).status == 201)
            _ = try await stack.end(.resources, by: SIGKILL)
            try stack.start(.resources)
            try await stack.untilReady(.resources)
            #expect(try await isAllowed("alice", .resources, stack))

            try database.pause()
            // Decisions go on by the rules that were read last; changes are refused, and come back with the store.
            #expect(try await isAllowed("alice", .resources, stack))
            let refused = try await stack.send(.post, "/roles", of: .models, ["name": "team"])
            #expect(refused.status == 503 && refused.fields["Retry-After"] != nil)
            // Whoever starts now has never read them, and decides nothing.
            _ = try await stack.end(.resources, by: SIGKILL)
            try stack.start(.resources)
            let early = try await untilItAnswers("/policies", .resources, stack)
            #expect(early.status == 503 && early.json["code"] == "access_rules_unavailable", "\(early.json)")
            try database.resume()
            for member in [ControlPlaneStack.Member.models, .resources] { try await stack.untilReady(member) }
            #expect(try await isAllowed("alice", .resources, stack))
        }
    }

    @Test func theLastAdminIsNotLockedOut() async throws {
        try await ControlPlaneStack.run([.sidecar, .models]) { stack in
            let denial: JSONValue = ["sub": "role:admin", "obj": "*", "act": "*", "eft": "deny"]
            let refused = try await stack.send(.post, "/policies", of: .models, denial)
            #expect(refused.status == 409 && refused.json["code"] == "lockout")
            #expect(try await stack.send(.get, "/models", of: .models).status == 200)
        }
    }

    @Test(arguments: [
        ("SLIPWAY_ACCESS_POLICY_FILE", "p, alice, models", "line 1"),
        ("SLIPWAY_ACCESS_MODEL_FILE", "[matchers]\nm = 1 +", "line"),
        ("SLIPWAY_ACCESS_MODEL_FILE", nil, "cannot be read"),
    ])
    func doesNotStartWithRulesThatItCannotRead(setting: String, text: String?, reason: String) async throws {
        try await ControlPlaneStack.run([]) { stack in
            let path = "\(stack.folder)/rules"
            try text?.write(toFile: path, atomically: false, encoding: .utf8)
            let (status, log) = try await stack.end(of: .models, environment: [setting: path])
            #expect(status == .code(2))
            #expect(log.contains(path) && log.contains(reason), "\(log)")
        }
    }

    private func isAllowed(
        _ subject: String, _ member: ControlPlaneStack.Member, _ stack: ControlPlaneStack
    ) async throws -> Bool {
        let question: JSONValue = ["sub": .string(subject), "obj": "models/1", "act": "model:get"]
        let answer = try await stack.send(.post, "/policies:explain", of: member, question)
        #expect(answer.status == 200, "\(member): \(answer.json)")
        return answer.json["allowed"] == true
    }

    private func until(
        _ isAllowed: Bool, _ subject: String, _ member: ControlPlaneStack.Member, _ stack: ControlPlaneStack,
        _ end: ContinuousClock.Instant
    ) async throws {
        let clock = ContinuousClock()
        repeat {
            let began = clock.now
            if try await self.isAllowed(subject, member, stack) == isAllowed {
                #expect(began < end, "\(member) was late by \(began - end)")
                return
            }
            try await clock.sleep(for: .milliseconds(50))
        } while clock.now < end + .seconds(30)
        Issue.record("\(member) does not obey")
    }

    private func untilItAnswers(
        _ target: String, _ member: ControlPlaneStack.Member, _ stack: ControlPlaneStack
    ) async throws -> ControlPlaneStack.Answer {
        let clock = ContinuousClock()
        let end = clock.now + ControlPlaneStack.startDeadline
        while clock.now < end {
            if let answer = try? await stack.send(.get, target, of: member) { return answer }
            try await clock.sleep(for: .milliseconds(50))
        }
        return try await stack.send(.get, target, of: member)
    }
}
