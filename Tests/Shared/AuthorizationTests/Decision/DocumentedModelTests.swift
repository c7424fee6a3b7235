import Testing

@testable import Authorization

/// Each kind of model that Casbin documents.
@Suite struct DocumentedModelTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var request = "sub, obj, act"
        var policy = "sub, obj, act"
        var roles: [String] = []
        var effect = "some(where (p.eft == allow))"
        let matcher: String
        let rules: String
        let allowed: [String]
        let refused: [String]
    }

    static let kinds = [
        Kind(
            testDescription: "ACL", matcher: "r.sub == p.sub && r.obj == p.obj && r.act == p.act",
            rules: "p, alice, data1, read\np, bob, data2, write",
            allowed: ["alice,data1,read", "bob,data2,write"],
            refused: ["alice,data1,write", "bob,data1,read", "Alice,data1,read", ",,"]),
        Kind(
            testDescription: "ACL with a superuser",
            matcher: "r.sub == p.sub && r.obj == p.obj && r.act == p.act || r.sub == \"root\"",
            rules: "p, alice, data1, read", allowed: ["root,anything,write", "alice,data1,read"],
            refused: ["Root,data1,read", "alice,data2,read"]),
        Kind(
            testDescription: "ACL without users", request: "obj, act", policy: "obj, act",
            matcher: "r.obj == p.obj && r.act == p.act", rules: "p, data1, read", allowed: ["data1,read"],
            refused: ["data1,write"]),
        Kind(
            testDescription: "RBAC", roles: ["g = _, _"],
            matcher: "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act",
            rules: "p, reader, data1, read\np, carol, data3, read\ng, alice, editor\ng, editor, reader",
            allowed: ["alice,data1,read", "reader,data1,read", "carol,data3,read"],
            refused: ["bob,data1,read", "alice,data3,read"]),
        Kind(
            testDescription: "roles of resources", roles: ["g = _, _", "g2 = _, _"],
            matcher: "g(r.sub, p.sub) && g2(r.obj, p.obj) && r.act == p.act",
            rules: "p, reader, documents, read\ng, alice, reader\ng2, letter, documents",
            allowed: ["alice,letter,read"], refused: ["alice,image,read", "bob,letter,read"]),
        Kind(
            testDescription: "domains", request: "sub, dom, obj, act", policy: "sub, dom, obj, act",
            roles: ["g = _, _, _"],
            matcher: "g(r.sub, p.sub, r.dom) && r.dom == p.dom && r.obj == p.obj && r.act == p.act",
            rules: "p, admin, d1, data1, read\np, admin, d2, data2, read\ng, alice, admin, d1",
            allowed: ["alice,d1,data1,read"], refused: ["alice,d2,data2,read", "alice,d1,data2,read"]),
        Kind(
            testDescription: "RESTful", matcher: "r.sub == p.sub && keyMatch(r.obj, p.obj) && regexMatch(r.act, p.act)",
            rules: "p, alice, /alice/*, GET\np, alice, /shared/doc, (GET)|(POST)",
            allowed: ["alice,/alice/x/y,GET", "alice,/shared/doc,POST"],
            refused: ["alice,/alice/x,POST", "alice,/bob/x,GET"]),
        Kind(
            testDescription: "deny-override", policy: "sub, obj, act, eft",
            roles: ["g = _, _"], effect: "some(where (p.eft == allow)) && !some(where (p.eft == deny))",
            matcher: "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act",
            rules: "p, staff, data, read, allow\np, alice, data, read, deny\ng, alice, staff\ng, bob, staff",
            allowed: ["bob,data,read"], refused: ["alice,data,read", "carol,data,read"]),
        Kind(
            testDescription: "what is not forbidden", policy: "sub, obj, act, eft",
            effect: "!some(where (p.eft == deny))", matcher: "r.sub == p.sub && r.obj == p.obj && r.act == p.act",
            rules: "p, alice, data, write, deny", allowed: ["alice,data,read", "bob,data,write"],
            refused: ["alice,data,write"]),
        Kind(
            testDescription: "priority by place", policy: "sub, obj, act, eft", effect: "priority(p.eft) || deny",
            matcher: "r.sub == p.sub && r.obj == p.obj && r.act == p.act",
            rules: "p, alice, data, read, deny\np, alice, data, read, allow\np, bob, data, read, allow\n"
                + "p, bob, data, read, deny", allowed: ["bob,data,read"], refused: ["alice,data,read"]),
        Kind(
            testDescription: "priority by number", policy: "priority, sub, obj, act, eft",
            effect: "priority(p.eft) || deny", matcher: "r.sub == p.sub && r.obj == p.obj && r.act == p.act",
            rules: "p, 10, alice, data, read, deny\np, 2, alice, data, read, allow", allowed: ["alice,data,read"],
            refused: ["bob,data,read"]),
        Kind(
            testDescription: "priority by subject", policy: "sub, obj, act, eft", roles: ["g = _, _"],
            effect: "subjectPriority(p.eft) || deny",
            matcher: "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act",
            rules: "p, staff, data, read, deny\np, alice, data, read, allow\ng, alice, staff\ng, bob, staff",
            allowed: ["alice,data,read"], refused: ["bob,data,read"]),
        Kind(
            testDescription: "addresses", matcher: "ipMatch(r.sub, p.sub) && r.obj == p.obj && r.act == p.act",
            rules: "p, 192.168.2.0/24, data, read\np, 2001:db8::/32, data, read",
            allowed: ["192.168.2.7,data,read", "2001:db8::1,data,read"],
            refused: ["192.168.3.7,data,read", "192.168.02.7,data,read", "nonsense,data,read"]),
        Kind(
            testDescription: "rules in policies", policy: "rule, obj, act",
            matcher: "eval(p.rule) && r.obj == p.obj && r.act == p.act",
            rules: "p, r.sub == \"alice\" || keyMatch(r.sub, \"adm*\"), data, read",
            allowed: ["alice,data,read", "admin,data,read"], refused: ["bob,data,read"]),
    ]

    @Test(arguments: kinds) func decides(kind: Kind) throws {
        let roles = kind.roles.isEmpty ? "" : "[role_definition]\n" + kind.roles.joined(separator: "\n") + "\n"
        let model = try AccessModel(
            parsing: """
                [request_definition]
                r = \(kind.request)
                [policy_definition]
                p = \(kind.policy)
                \(roles)[policy_effect]
                e = \(kind.effect)
                [matchers]
                m = \(kind.matcher)
                """)
        let policy = try AccessPolicy(model, try PolicyFile(parsing: kind.rules))
        func isAllowed(_ request: String) -> Bool {
            policy.decide(request.split(separator: ",", omittingEmptySubsequences: false).map(String.init)).isAllowed
        }
        for request in kind.allowed { #expect(isAllowed(request), "\(request)") }
        for request in kind.refused { #expect(!isAllowed(request), "\(request)") }
    }
}
