import Testing

@testable import Authorization

@Suite struct PolicyFileTests {
    @Test func readsFieldsAsCasbinDoes() throws {
        let text =
            "# a comment\n\n  p ,  alice,data1 ,\tread\np, r.sub.Age > 18 && f(a, b), [x, y], \"\"\n"
            + #"p, "a, ""b""" , "", ünï"# + "\ng, alice, admin # not a comment\r\n"
        let file = try PolicyFile(parsing: text)
        #expect(
            file.rules == [
                .init(kind: "p", fields: ["alice", "data1", "read"], line: 3),
                .init(kind: "p", fields: ["r.sub.Age > 18 && f(a, b)", "[x, y]", ""], line: 4),
                .init(kind: "p", fields: ["a, \"b\"", "", "ünï"], line: 5),
                .init(kind: "g", fields: ["alice", "admin # not a comment"], line: 6),
            ])
    }

    @Test(arguments: [
        ("p, a)", 1, 5, "closes nothing"), ("\np, (a", 2, 4, "is not closed"), ("p, \"a", 1, 4, "are not closed"),
        ("p, \"a\" b, c", 1, 8, "where only a comma may"), ("p, (a]", 1, 6, "closes nothing"),
    ])
    func saysWhereItIsWrong(text: String, line: Int, column: Int, message: String) {
        let error = #expect(throws: SourceError.self) { try PolicyFile(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.message.contains(message) == true)
    }

    @Test(arguments: [
        ("p, alice", "has 3 fields (sub, obj, act), not 1"), ("p, a, b, c, d", "not 4"),
        ("x, a, b, c", "defines no \"x\""), ("g, alice", "has 2 fields, not 1"),
    ])
    func aPolicyMustBeAsTheModelSays(rule: String, message: String) throws {
        let model = try AccessModel(
            parsing: """
                [request_definition]
                r = sub, obj, act
                [policy_definition]
                p = sub, obj, act
                [role_definition]
                g = _, _
                [policy_effect]
                e = some(where (p.eft == allow))
                [matchers]
                m = r.sub == p.sub
                """)
        let file = try PolicyFile(parsing: "p, a, b, c\n" + rule)
        let error = #expect(throws: SourceError.self) { try AccessPolicy(model, file) }
        #expect(error?.line == 2)
        #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
    }
}
