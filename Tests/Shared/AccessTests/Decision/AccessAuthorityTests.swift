import Access
import Domain
import TestSupport
import Testing

@Suite struct AccessAuthorityTests {
    let rules = SampleRules()
    let store = InMemoryAccessRuleStore()
    let time = ManualTime()
    let bob = AccessRequest(Principal(subject: "bob"), "models/1", "model:get")

    private func authority() throws -> AccessAuthority {
        let time = time
        return AccessAuthority(try ShippedAccess.files(), store: store, now: { time.now })
    }

    @Test func decidesNothingBeforeTheRulesWereRead() async throws {
        let authority = try authority()
        let error = #expect(throws: ServiceError.self) { try authority.decide(bob) }
        guard case .unavailable("access_rules_unavailable", _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try await authority.refresh()
        #expect(try authority.decide(bob).isAllowed == false)
    }

    @Test func followsItsOwnChangesAtOnceAndThoseOfOthersWhenItLooks() async throws {
        let (one, other) = (try authority(), try authority())
        try await one.refresh()
        try await other.refresh()
        let binding = rules.binding("bob", "role:model-reader")
        #expect(try await one.change { draft throws(ServiceError) in try draft.add(binding) } == binding.id)
        #expect(try one.decide(bob).isAllowed)
        #expect(try other.decide(bob).isAllowed == false)
        #expect(try await other.refresh())
        #expect(try other.decide(bob).isAllowed)
        #expect(try await other.refresh() == false)
        _ = try await other.change { draft throws(ServiceError) in try draft.removeBinding(binding.id) }
        #expect(try other.decide(bob).isAllowed == false)
    }

    @Test func goesOnWithTheLastRulesWhileTheStoreIsAway() async throws {
        let authority = try authority()
        store.write([rules.binding("bob", "role:model-reader")])
        try await authority.refresh()
        store.isAway = true
        await #expect(throws: ServiceError.self) { try await authority.refresh() }
        #expect(try authority.decide(bob).isAllowed)
        await #expect(throws: ServiceError.self) {
            try await authority.change { draft throws(ServiceError) in try draft.removePolicy("x") }
        }
    }

    @Test func decidesAChangeAnewWhenSomebodyWasFaster() async throws {
        let authority = try authority()
        try await authority.refresh()
        let (store, rules) = (store, rules)
        let role = try rules.role("x")
        var attempts = 0
        let error = await #expect(throws: ServiceError.self) {
            try await authority.change { draft throws(ServiceError) in
                attempts += 1
                if attempts == 1 { store.write([role]) }
                try draft.add(rules.role(named: "x"))
            }
        }
        #expect(attempts == 2)
        #expect(error == .conflict(code: "role_exists", message: "There is a role x already."))
    }

    // MARK: Lock-out

    @Test(arguments: [
        ("admin", "*", "*"), ("role:admin", "policies", "policy:create"), ("admin", "policies/{id}", "policy:delete"),
        ("role:admin", "policies/*", "policy:*"),
    ])
    func refusesToLockEveryAdminOut(subject: String, object: String, action: String) async throws {
        let authority = try authority()
        try await authority.refresh()
        let denial = rules.policy(subject, object, action, .deny)
        let error = await #expect(throws: ServiceError.self) {
            try await authority.change { draft throws(ServiceError) in try draft.add(denial) }
        }
        guard case .conflict("lockout", let message) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("admin"))
        #expect(try await store.read().rules.isEmpty)
        // With somebody else who may, it is a decision like any other.
        let carol = rules.binding("carol", "role:policy-admin")
        _ = try await authority.change { draft throws(ServiceError) in try draft.add(carol) }
        _ = try await authority.change { draft throws(ServiceError) in try draft.add(denial) }
        // Now she is the last one.
        let last = await #expect(throws: ServiceError.self) {
            try await authority.change { draft throws(ServiceError) in try draft.removeBinding(carol.id) }
        }
        guard case .conflict("lockout", _) = last else {
            Issue.record("\(String(describing: last))")
            return
        }
    }

    @Test func neitherRolesNorServicesCountAsSomebody() async throws {
        let authority = try authority()
        try await authority.refresh()
        let app = rules.policy("app:model-serving", "*", "policy:*")
        _ = try await authority.change { draft throws(ServiceError) in try draft.add(app) }
        let denial = rules.policy("admin", "*", "*", .deny)
        await #expect(throws: ServiceError.self) {
            try await authority.change { draft throws(ServiceError) in try draft.add(denial) }
        }
    }

    // MARK: Trying

    @Test func triesAChangeOnTheLastDecisions() async throws {
        let authority = try authority()
        try await authority.refresh()
        for _ in 1...3 {
            time.advance(by: .seconds(1))
            _ = try authority.decide(bob)
        }
        time.advance(by: .seconds(1))
        _ = try authority.decide(AccessRequest(Principal(subject: "admin"), "models/1", "model:get"))
        let binding = rules.binding("bob", "role:model-reader")
        let result = try await authority.dryRun { draft throws(ServiceError) in try draft.add(binding) }
        #expect(result.decisions == 2 && result.differences.count == 1)
        let difference = try #require(result.differences.first)
        #expect(difference.request == bob && difference.count == 3 && difference.after.isAllowed)
        #expect(try authority.decide(bob).isAllowed == false)
        #expect(try await store.version() == 0)
        let denial = rules.policy("admin", "*", "*", .deny)
        let lockout = try await authority.dryRun { draft throws(ServiceError) in try draft.add(denial) }
        #expect(lockout.lockout != nil && lockout.differences.map(\.request.principal.subject) == ["admin"])
    }

    @Test func remembersTheLastDecisionsOnly() async throws {
        let authority = try authority()
        try await authority.refresh()
        let limit = AccessLimits.maximumRememberedDecisions
        for number in 0..<(3 * limit) {
            time.advance(by: .milliseconds(1))
            _ = try authority.decide(AccessRequest(Principal(subject: "u\(number)"), "models", "model:list"))
        }
        let everyone = rules.binding("u0", "role:model-reader")
        let last = rules.binding("u\(3 * limit - 1)", "role:model-reader")
        let result = try await authority.dryRun { draft throws(ServiceError) in
            try draft.add(everyone)
            try draft.add(last)
        }
        #expect(result.decisions == limit)
        #expect(result.differences.map(\.request.principal.subject) == ["u\(3 * limit - 1)"])
    }
}

extension SampleRules {
    /// For closures that may only throw a `ServiceError`.
    fileprivate func role(named name: String) throws(ServiceError) -> AccessRule {
        do {
            return try role(name)
        } catch {
            throw .internalFault(detail: "\(error)")
        }
    }
}
