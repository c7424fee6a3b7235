import JSON

extension Attack {
    /// Good tokens for subjects and groups that are meant to be taken for others.
    static let onNames: [Attack] = reservedNames + otherNames + groups + brokenGroups

    private static let reservedNames: [Attack] = [
        "admin", "Admin", "role:admin", "ROLE:admin", "app:model-serving", "group:staff", "bob ", " bob", "bob\t",
        "alice\np, alice, *, *, allow", "alice, role:admin", "\"bob\"", "bob\u{0}", "b\u{200B}ob", "\u{202E}bob",
        "bob\u{FEFF}", "", String(repeating: "b", count: 300),
    ].map { (subject: String) -> Attack in
        .token("a token for \(subject.debugDescription.prefix(40))") { $0.token(for: subject) }
    }

    private static let otherNames: [Attack] = [
        "BOB", "b\u{43E}b", "bo\u{184}", "bob\u{301}", "b\u{F6}b", "bo%62", "bob@", "user:bob", "*", "bob;", "{id}",
        "(bob)",
    ].map { (subject: String) -> Attack in
        .token("a token for the other \(subject)", status: 403) { $0.token(for: subject) }
    }

    private static let groups: [Attack] = [
        ("a group with a role's name", ["role:admin", "admin"]), ("a group like the admin", ["admin"]),
        ("a group of everything", ["*"]), ("no groups", []),
    ].map { (name: String, groups: [String]) -> Attack in
        .token(name, status: 403) { issuer in
            issuer.token(for: "mallory", [("groups", .array(groups.map { .string($0) }))])
        }
    }

    private static let brokenGroups: [Attack] = [
        ("a group with a line of a policy", "x\np, group:x, *, *, allow"),
        ("a group with a comma", "staff, role:admin"),
    ].map { (name: String, group: String) -> Attack in
        .token(name) { $0.token(for: "mallory", [("groups", [.string(group)])]) }
    }
}
