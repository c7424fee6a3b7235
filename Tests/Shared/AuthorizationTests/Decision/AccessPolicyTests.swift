import Testing
import TestSupport

@testable import Authorization

@Suite struct AccessPolicyTests {
    private func policy(
        _ matcher: String, _ rules: String, policy: String = "sub, obj, act", roles: String = "g = _, _",
        effect: String = "some(where (p.eft == allow))", patterns: RolePatterns = RolePatterns()
    ) throws -> AccessPolicy {
        let model = try AccessModel(
            parsing: """
                [request_definition]
                r = sub, obj, act
                [policy_definition]
                p = \(policy)
                [role_definition]
                \(roles)
                [policy_effect]
                e = \(effect)
                [matchers]
                m = \(matcher)
                """)
        return try AccessPolicy(model, try PolicyFile(parsing: rules), rolePatterns: patterns)
    }

    private static let plain = "r.sub == p.sub && r.obj == p.obj && r.act == p.act"

    @Test func aDecisionNamesThePolicyThatMadeIt() throws {
        let policy = try policy(Self.plain, "p, bob, data1, read\n\np, alice, data1, read")
        let decision = policy.decide(["alice", "data1", "read"])
        #expect(decision.rule?.line == 3)
        #expect(policy.decide(["alice", "data1", "write"]).rule == nil)
    }

    @Test func aLiteralPatternGrantsNothingWhereNothingMatchesPatterns() throws {
        let policy = try policy(Self.plain, "p, *, *, *\np, alice, /models/{id}, read")
        #expect(!policy.decide(["alice", "data1", "read"]).isAllowed)
        #expect(!policy.decide(["alice", "/models/7", "read"]).isAllowed)
        #expect(policy.decide(["alice", "/models/{id}", "read"]).isAllowed)
    }

    @Test func whatLooksLikeACommentBehindAPolicyIsPartOfIt() throws {
        let policy = try policy(Self.plain, "# a comment\np, alice, data1, read # or not")
        #expect(!policy.decide(["alice", "data1", "read"]).isAllowed)
        #expect(policy.decide(["alice", "data1", "read # or not"]).isAllowed)
    }

    @Test func looksAreNotEquality() throws {
        let policy = try policy(Self.plain, "p, jos\u{E9}, data1, read\ng, jos\u{E9}, admin\np, admin, data2, read")
        #expect(policy.decide(["jos\u{E9}", "data1", "read"]).isAllowed)
        #expect(!policy.decide(["jose\u{301}", "data1", "read"]).isAllowed)
        let inherited = try self.policy("g(r.sub, p.sub)", "p, admin, x, y\ng, jos\u{E9}, admin")
        #expect(inherited.decide(["jos\u{E9}", "", ""]).isAllowed)
        #expect(!inherited.decide(["jose\u{301}", "", ""]).isAllowed)
        #expect(!inherited.decide(["\u{430}dmin", "", ""]).isAllowed, "a Cyrillic letter")
    }

    @Test func rolesInACircleEnd() throws {
        let policy = try policy(
            "g(r.sub, p.sub)", "p, c, x, y\ng, a, b\ng, b, c\ng, c, a\ng, d, d")
        #expect(policy.decide(["a", "", ""]).isAllowed)
        #expect(!policy.decide(["d", "", ""]).isAllowed)
        #expect(policy.roles(of: "a") == ["a", "b", "c"])
    }

    @Test func inheritanceEndsAfterNineLinks() throws {
        let links = (0..<12).map { "g, n\($0), n\($0 + 1)" }.joined(separator: "\n")
        let policy = try policy("g(r.sub, p.sub)", "p, n9, x, y\n" + links)
        #expect(policy.decide(["n0", "", ""]).isAllowed)
        let far = try self.policy("g(r.sub, p.sub)", "p, n10, x, y\n" + links)
        #expect(!far.decide(["n0", "", ""]).isAllowed)
    }

    @Test func namesOfRolesCanBePatterns() throws {
        let patterns = try #require(RolePatterns(names: ["g": "keyMatch2"]))
        let policy = try policy(
            "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act",
            "p, reader, data, read\ng, /users/:id, reader", patterns: patterns)
        #expect(policy.decide(["/users/7", "data", "read"]).isAllowed)
        #expect(!policy.decide(["/groups/7", "data", "read"]).isAllowed)
        #expect(RolePatterns(names: ["g": "keyGet2"]) == nil)
    }

    @Test func namesOfDomainsCanBePatterns() throws {
        let patterns = try #require(RolePatterns(names: [:], domains: ["g": "keyMatch"]))
        let policy = try policy(
            "g(r.sub, p.sub, r.obj) && r.act == p.act", "p, admin, any, read\ng, alice, admin, *\ng, bob, admin, d1",
            roles: "g = _, _, _", patterns: patterns)
        #expect(policy.decide(["alice", "d7", "read"]).isAllowed)
        #expect(policy.decide(["bob", "d1", "read"]).isAllowed)
        #expect(!policy.decide(["bob", "d2", "read"]).isAllowed)
    }

    @Test func aRuleThatCannotBeEvaluatedAllowsNothing() throws {
        let denyOverride = "!some(where (p.eft == deny))"
        let policy = try policy(
            "regexMatch(r.sub, p.sub)", "p, *, x, y, deny", policy: "sub, obj, act, eft", effect: denyOverride)
        let decision = policy.decide(["alice", "x", "y"])
        #expect(!decision.isAllowed)
        #expect(decision.problem == "the pattern \"*\" of regexMatch has nothing to repeat before \"*\"")
    }

    @Test func keyMatch5OfAStarIsAProblemAsItIsInPycasbin() throws {
        let policy = try policy("keyMatch5(r.obj, p.obj)", "p, alice, *, read")
        #expect(policy.decide(["alice", "x", "read"]).problem != nil)
    }

    @Test func keyMatch2TakesDotsForAnyCharacter() throws {
        let policy = try policy("keyMatch2(r.obj, p.obj)", "p, alice, /models/:id, read")
        #expect(policy.decide(["alice", "/models/42.x", "read"]).isAllowed)
        #expect(!policy.decide(["alice", "/models/42/x", "read"]).isAllowed)
    }

    @Test func attributesOfTheRequestCount() throws {
        let policy = try policy("r.sub.Age > 18 && r.obj.Owner == r.sub.Name", "p, x, y, z")
        func isAllowed(_ age: Double, _ owner: String) -> Bool {
            policy.decide([
                .object(["Age": .number(age), "Name": .string("alice")]), .object(["Owner": .string(owner)]),
                .string("read"),
            ]).isAllowed
        }
        #expect(isAllowed(19, "alice"))
        #expect(!isAllowed(18, "alice"))
        #expect(!isAllowed(19, "bob"))
        #expect(policy.decide(["alice", "data", "read"]).problem == "a string has no attribute \"Age\"")
    }

    @Test func aRequestOfAnotherSizeIsNotAllowed() throws {
        let policy = try policy("r.sub == p.sub", "p, alice, x, y")
        #expect(policy.decide(["alice", "x"]).problem == "a request has 3 fields (sub, obj, act), not 2")
    }

    @Test func severalDefinitionsLiveInOneModel() throws {
        let model = try AccessModel(
            parsing: """
                [request_definition]
                r = sub, act
                r2 = obj
                [policy_definition]
                p = sub, act
                p2 = obj, eft
                [policy_effect]
                e = some(where (p.eft == allow))
                e2 = !some(where (p.eft == deny))
                [matchers]
                m = r.sub == p.sub && r.act == p.act
                m2 = r2.obj == p2.obj
                """)
        let policy = try AccessPolicy(model, try PolicyFile(parsing: "p, alice, read\np2, secret, deny"))
        #expect(policy.decide(["alice", "read"]).isAllowed)
        #expect(policy.decide(["open"], in: .init(suffix: "2")).isAllowed)
        #expect(!policy.decide(["secret"], in: .init(suffix: "2")).isAllowed)
        #expect(policy.decide(["x"], in: .init(suffix: "3")).problem != nil)
    }

    /// The same matcher, once so that it is looked up and once so that every policy is evaluated.
    @Test(arguments: 1...30 as ClosedRange<UInt64>) func lookingUpFindsWhatEvaluatingFinds(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let names = ["a", "b", "c", "d", "e"]
        func name() -> String { names.randomElement(using: &generator) ?? "a" }
        let effects = PolicyEffect.allCases.filter { $0 != .subjectPriority }.map(\.text)
        let effect = effects.randomElement(using: &generator) ?? effects[0]
        var rules = (0..<20).map { _ in
            "p, \(name()), \(name()), \(name()), \(Bool.random(using: &generator) ? "allow" : "deny")"
        }
        rules += (0..<6).map { _ in "g, \(name()), \(name())" }
        let text = rules.joined(separator: "\n")
        let matcher = "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act || r.sub == p.obj && r.act == p.act"
        let fields = "sub, obj, act, eft"
        let indexed = try policy(matcher, text, policy: fields, effect: effect)
        let evaluated = try policy(
            "true and (\(matcher)) or p.sub == \"nobody\" + \"\"", text, policy: fields, effect: effect)
        for _ in 0..<100 {
            let request = [name(), name(), name()]
            #expect(indexed.decide(request) == evaluated.decide(request), "\(request)")
        }
    }
}
