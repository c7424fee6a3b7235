import Testing

@testable import Authorization

@Suite struct AccessModelTests {
    private static let good = """
        # how requests look
        [request_definition]
        r = sub, obj, act

        [policy_definition]
        p = sub, obj, act
        ; who inherits what
        [role_definition]
        g = _, _
        [policy_effect]
        e = some(where (p.eft == allow))
        [matchers]
        m = g(r.sub, p.sub) && \\
            r.obj == p.obj && \\
            r.act == p.act # and nothing else
        """

    @Test func readsWhatCasbinReads() throws {
        let model = try AccessModel(parsing: Self.good)
        #expect(model.requestFields == ["sub", "obj", "act"])
        #expect(model.contexts == [.main])
    }

    @Test(arguments: [
        ("r = sub", "[request_definition]\nr = sub, obj, act", 2, "comes before any section"),
        ("[nothing]", "[policy_effect]", 10, "there is no section"),
        ("q = a", "r = sub, obj, act", 3, "are named r, r2 and so on"),
        ("r1 = a", "r = sub, obj, act", 3, "are named r, r2 and so on"),
        ("r = sub, , act", "r = sub, obj, act", 3, "names of fields"),
        ("r = sub, sub", "r = sub, obj, act", 3, "all different"),
        ("r", "r = sub, obj, act", 3, "must be a definition"),
        ("r =", "r = sub, obj, act", 3, "is defined as nothing"),
        ("g = _", "g = _, _", 9, "must be _, _ or"),
        ("e = maybe", "e = some(where (p.eft == allow))", 11, "must be one of"),
        ("r = a\nr = b", "r = sub, obj, act", 4, "defined twice"),
        ("m = g(r.sub, p.nothing) && \\", "m = g(r.sub, p.sub) && \\", 13, "is no field of p"),
    ])
    func saysWhereItIsWrong(wrong: String, right: String, line: Int, message: String) throws {
        let text = Self.good.replacing(right, with: wrong)
        #expect(text != Self.good)
        let error = #expect(throws: SourceError.self) { try AccessModel(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func columnsAreThoseOfTheFile() throws {
        let text = Self.good.replacing("m = g(r.sub, p.sub) && \\", with: "m   =  g(r.sub, q.sub) && \\")
        let error = #expect(throws: SourceError.self) { try AccessModel(parsing: text) }
        #expect(error?.line == 13)
        #expect(error?.column == 17)
    }

    @Test(arguments: ["request_definition", "policy_definition", "policy_effect", "matchers"])
    func everySectionButRolesIsNeeded(section: String) throws {
        var lines = Self.good.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex(of: "[\(section)]"))
        let end = lines[(start + 1)...].firstIndex { $0.hasPrefix("[") } ?? lines.count
        lines.removeSubrange(start..<end)
        #expect(throws: SourceError.self) { try AccessModel(parsing: lines.joined(separator: "\n")) }
    }
}
