import Access
import Domain
import TestSupport
import Testing

@Suite struct RuleDraftTests {
    let rules = SampleRules()
    var draft: RuleDraft

    init() throws { draft = RuleDraft(try ShippedAccess.files().rules) }

    private func code(_ error: ServiceError?) -> String? {
        if case .conflict(let code, _) = error { code } else { nil }
    }

    private func fields(_ error: ServiceError?) -> [String] {
        if case .invalid(let problems) = error { problems.map(\.field) } else { [] }
    }

    @Test mutating func rolesDoNotGoInACircle() throws {
        for name in ["a", "b", "c"] { try draft.add(try rules.role(name)) }
        try draft.add(rules.binding("role:a", "role:b"))
        try draft.add(rules.binding("role:b", "role:c"))
        for (subject, role) in [("role:c", "role:a"), ("role:b", "role:a"), ("role:a", "role:a")] {
            let error = #expect(throws: ServiceError.self) { try draft.add(rules.binding(subject, role)) }
            #expect(code(error) == "role_cycle", "\(subject) \(role)")
        }
    }

    @Test mutating func chainsOfRolesEndSomewhere() throws {
        for number in 0...9 { try draft.add(try rules.role("r\(number)")) }
        for number in 0..<8 { try draft.add(rules.binding("role:r\(number)", "role:r\(number + 1)")) }
        let error = #expect(throws: ServiceError.self) { try draft.add(rules.binding("role:r8", "role:r9")) }
        #expect(code(error) == "role_chain_too_long")
        let below = #expect(throws: ServiceError.self) { try draft.add(rules.binding("alice", "role:r0")) }
        #expect(code(below) == "role_chain_too_long")
        try draft.add(rules.binding("alice", "role:r1"))
    }

    @Test mutating func aRoleMustBeThereBeforeAnythingIsSaidOfIt() throws {
        #expect(
            fields(#expect(throws: ServiceError.self) { try draft.add(rules.policy("role:x", "*", "*")) }) == ["/sub"])
        #expect(
            fields(#expect(throws: ServiceError.self) { try draft.add(rules.binding("bob", "role:x")) }) == ["/role"])
        try draft.add(try rules.role("x"))
        try draft.add(rules.policy("role:x", "*", "*"))
        try draft.add(rules.binding("bob", "role:x"))
    }

    @Test mutating func aRoleInUseStays() throws {
        let binding = rules.binding("bob", "role:x")
        try draft.add(try rules.role("x"))
        try draft.add(binding)
        let error = #expect(throws: ServiceError.self) { try draft.removeRole("x") }
        guard case .conflict("role_in_use", let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("bob") && message.contains(binding.id))
        try draft.removeBinding(binding.id)
        try draft.removeRole("x")
        #expect(!draft.rules.contains { $0.id == binding.id })
    }

    @Test mutating func whatTheFileSaysStays() {
        let first = draft.rules[0].id
        #expect(code(#expect(throws: ServiceError.self) { try draft.removeBinding(first) }) == "rule_of_file")
        #expect(code(#expect(throws: ServiceError.self) { try draft.removeRole("admin") }) == "rule_of_file")
    }

    @Test mutating func nothingIsSaidTwice() throws {
        try draft.add(rules.policy("bob", "models", "model:list"))
        #expect(
            code(#expect(throws: ServiceError.self) { try draft.add(rules.policy("bob", "models", "model:list")) })
                == "policy_exists")
        #expect(
            code(#expect(throws: ServiceError.self) { try draft.add(rules.binding("admin", "role:admin")) })
                == "role_binding_exists")
        #expect(code(#expect(throws: ServiceError.self) { try draft.add(try rules.role("admin")) }) == "role_exists")
    }

    @Test mutating func anAttemptThatSucceededWithoutAnAnswerIsDone() throws {
        let policy = rules.policy("bob", "models", "model:list")
        try draft.add(policy)
        let count = draft.rules.count
        try draft.add(policy)
        #expect(draft.rules.count == count)
    }

    @Test(arguments: ["policy", "role_binding", "role", "api_key"])
    mutating func whatIsNotThereCannotBeRemoved(kind: String) {
        let error = #expect(throws: ServiceError.self) {
            switch kind {
            case "policy": try draft.removePolicy("x")
            case "role_binding": try draft.removeBinding("x")
            case "role": try draft.removeRole("x")
            default: try draft.removeKey("x")
            }
        }
        #expect(error == .notFound(kind: kind, id: "x"))
    }
}
