import Access
import Domain
import TestSupport
import Testing

@Suite struct AccessBookTests {
    let rules = SampleRules()

    private func book(_ added: [AccessRule]) throws -> AccessBook {
        try AccessBook(try ShippedAccess.files(), StoredRules(version: 1, rules: added))
    }

    @Test func asksForTheSubjectAndForEachGroup() throws {
        let book = try book([rules.binding("group:research", "role:model-reader")])
        let alice = Principal(subject: "alice", groups: ["sales", "research"])
        let decision = book.decide(AccessRequest(alice, "models/1", "model:get"))
        #expect(decision.isAllowed && decision.name == "group:research")
        #expect(!book.isAllowed(Principal(subject: "alice"), "models/1", "model:get"))
        // A name that only looks like a group's.
        #expect(!book.isAllowed(Principal(subject: "research"), "models/1", "model:get"))
    }

    @Test func oneDenialOutweighsAllThatAllows() throws {
        let denial = rules.policy("group:trial", "models/{id}", "model:get", .deny)
        let book = try book([rules.binding("alice", "role:admin"), denial])
        let alice = Principal(subject: "alice", groups: ["trial"])
        let decision = book.decide(AccessRequest(alice, "models/1", "model:get"))
        #expect(decision.isDenied && decision.rule == denial && decision.name == "group:trial")
        #expect(book.isAllowed(alice, "models/1", "model:update"))
        #expect(book.isAllowed(Principal(subject: "alice"), "models/1", "model:get"))
    }

    @Test func whatNoRuleSpeaksOfIsNotAllowedAndNotDenied() throws {
        let decision = try book([]).decide(AccessRequest(Principal(subject: "eve"), "models", "model:list"))
        #expect(!decision.isAllowed && !decision.isDenied && decision.rule == nil)
    }

    @Test func tellsTheWayToTheRule() throws {
        let team = try rules.role("team")
        let book = try book([
            team, rules.binding("group:research", "role:team"), rules.binding("role:team", "role:model-editor"),
        ])
        let asked = AccessRequest(Principal(subject: "alice", groups: ["research"]), "models/1", "model:get")
        let explanation = book.explain(asked)
        #expect(
            explanation.path == ["group:research", "role:team", "role:model-editor", "role:model-reader"])
        #expect(explanation.roles.contains("role:model-author") && !explanation.roles.contains("role:admin"))
        let refused = book.explain(AccessRequest(Principal(subject: "eve"), "models/1", "model:get"))
        #expect(refused.path.isEmpty && refused.roles.isEmpty)
    }

    @Test func findsKeysByTheirDigests() throws {
        let key = rules.key("alice", digest: "abc")
        let book = try book([key])
        #expect(book.apiKey(digest: "abc") == key)
        #expect(book.apiKey(digest: "abd") == nil)
    }

    @Test(arguments: [
        ("models/0192", "models", true), ("models/{id}", "models", false), ("models/*", "models", false),
        ("*", "models", false), ("models", "models", false), ("pools/1", "models", false),
    ])
    func knowsWhereThingsAreNamed(object: String, collection: String, isNamed: Bool) throws {
        #expect(try book([rules.policy("bob", object, "model:get")]).namesThings(of: collection) == isNamed)
    }

    @Test(arguments: [
        (#"a, b"#, #"p, "a, b", *, *, allow"#), (#"a"b"#, #"p, "a""b", *, *, allow"#),
        ("a # b", #"p, "a # b", *, *, allow"#), ("alice", "p, alice, *, *, allow"),
    ])
    func writesARuleSoThatItReadsAsOneRule(subject: String, line: String) {
        #expect(rules.policy(subject, "*", "*").description == line)
    }
}
