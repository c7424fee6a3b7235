import Domain
import Testing

@Suite struct SubjectNameTests {
    @Test(arguments: [
        ("admin", SubjectName.Kind.admin), ("alice", .user), ("alice@example.com", .user), ("app:x", .app),
        ("group:research team", .group), ("role:model-reader", .role), ("Admin", .user), ("äöü", .user),
    ])
    func tellsWhoIsMeant(text: String, kind: SubjectName.Kind) {
        #expect(SubjectName(text)?.kind == kind)
    }

    @Test(arguments: [
        "", "app:", "role:", "group:", " alice", "alice ", "a\nb", "a\u{0}b", "al\u{200B}ice", "al\u{202E}ice",
        "a\u{2028}b", String(repeating: "a", count: 257),
    ])
    func refusesWhatCannotBeSeenOrIsNoName(text: String) {
        #expect(SubjectName(text) == nil)
    }

    @Test(arguments: ["admin", "Admin", "role:x", "app:x", "group:x", "ROLE:x"])
    func nobodyOutsideMayBeCalledSo(text: String) {
        #expect(SubjectName.user(text) == nil)
        #expect(SubjectName.user("alice") != nil)
    }
}
