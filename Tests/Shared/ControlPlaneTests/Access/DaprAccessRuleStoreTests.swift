import Access
import ControlPlane
import Dapr
import Domain
import Persistence
import TestSupport
import Testing

@Suite struct DaprAccessRuleStoreTests {
    let memory: InMemoryStateStore
    let ids = IdentifierSource()

    init() {
        let time = ManualTime()
        memory = InMemoryStateStore(now: { time.now })
    }

    private func store() -> DaprAccessRuleStore { DaprAccessRuleStore(RecordStore(memory)) }

    private func rule(_ content: AccessRule.Content) -> AccessRule {
        AccessRule(
            content, id: ids.next(), createdAt: Timestamp(millisecondsSinceEpoch: 1_795_248_000_000), createdBy: "admin"
        )
    }

    @Test func keepsEveryKindOfRuleAsItIs() async throws {
        let rules = [
            rule(.policy(PolicyEntry(subject: "a, \"b\"", object: "models/*", action: "model:*", effect: .deny))),
            rule(.role(RoleEntry(name: try EntityName("team", field: "name"), description: "us\nall"))),
            rule(.binding(RoleBindingEntry(subject: "group:x", role: "role:team"))),
            rule(
                .apiKey(
                    APIKeyEntry(
                        name: "laptop", owner: "alice", digest: "ab12",
                        expiresAt: Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)))),
            rule(.apiKey(APIKeyEntry(name: "", owner: "bob", digest: "ab13"))),
        ]
        for rule in rules {
            _ = try await store().change(once: nil) { _ throws(ServiceError) in AccessRuleChange(adding: [rule]) }
        }
        let stored = try await store().read()
        #expect(stored.rules == rules)
        #expect(stored.version == 5)
        #expect(try await store().version() == 5)
    }

    @Test func aChangeDecidedOnOldRulesIsDecidedAgain() async throws {
        let (one, other) = (store(), store())
        let (first, second) = (
            rule(.binding(RoleBindingEntry(subject: "a", role: "role:x"))),
            rule(.binding(RoleBindingEntry(subject: "b", role: "role:x")))
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (store, rule) in [(one, first), (other, second)] {
                group.addTask {
                    _ = try await store.change(once: nil) { seen throws(ServiceError) in
                        // Whoever comes second must have seen the first.
                        AccessRuleChange(adding: [rule], answer: "\(seen.rules.count)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await one.read().rules.count == 2)
        #expect(try await one.version() == 2)
    }

    @Test func whatIsOfNoKnownKindIsNotLeftOut() async throws {
        let id = ids.next()
        let shard = Shard(of: id)
        let rule = #"{"id":"\#(id)","created_at":"2026-11-21T00:00:00Z","created_by":"x","ban":{}}"#
        let text = #"{"schema_version":1,"rules":[\#(rule)]}"#
        try await memory.transact([
            .upsert(key: "access:rules:\(shard)", value: Array(text.utf8), condition: .insertOnly)
        ])
        await #expect(throws: ServiceError.self) { try await store().read() }
    }
}
